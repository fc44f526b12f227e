import fc from "fast-check";
import { expect, test } from "vitest";
import { readSpecs } from "./read.ts";
import type { SpecFile, SpecSet } from "./types.ts";

const REQUIREMENTS = `# Requirements Document

## Introduction
Checkout of the shop.

\`\`\`
### Requirement 9: in a fence
1. THE fence SHALL be ignored
\`\`\`

### Requirement 1: Totals
**User Story:** As a buyer, I want a right total.

#### Acceptance Criteria
1. WHEN a coupon is applied, THE Shop SHALL lower the total
   by its value
2. IF the coupon exceeds the total, THEN THE Shop SHALL charge **zero**

### Requirement 2：

#### Acceptance Criteria
1. THE Shop SHALL confirm \`paid\` orders
1. WHILE paying, THE Shop SHALL lock the cart
`;

const BINDINGS = `# checks of the shop
bindings:
  - requirement: "1.2"
    name: total-never-negative
    when: span.name == "POST /checkout" && has(span.attributes["shop.order.total"])
    require: double(span.attributes["shop.order.total"]) >= 0.0
  - requirement: "2.1"
    name: paid-order-is-confirmed
    when: span.name == "pay"
    eventually: span.name == "confirm"
    within: 1.5s
    key: span.attributes["shop.order.id"]
`;

const FOLDER = ".kiro/specs/checkout/";

function file(name: string, text: string): SpecFile {
  return { path: FOLDER + name, blob: "b".repeat(40), text };
}

function read(...files: SpecFile[]): SpecSet {
  return readSpecs(files, "shop");
}

test("requirements get their positional ids, titles, texts and lines", () => {
  const { requirements, problems } = read(file("requirements.md", REQUIREMENTS));
  expect(problems).toEqual([]);
  expect(requirements.map(({ id, title, line, text }) => ({ id, title, line, text }))).toEqual([
    { id: "1.1", title: "Totals", line: 15, text: "WHEN a coupon is applied, THE Shop SHALL lower the total by its value" },
    { id: "1.2", title: "Totals", line: 17, text: "IF the coupon exceeds the total, THEN THE Shop SHALL charge zero" },
    { id: "2.1", title: "Requirement 2", line: 22, text: "THE Shop SHALL confirm paid orders" },
    { id: "2.2", title: "Requirement 2", line: 23, text: "WHILE paying, THE Shop SHALL lock the cart" },
  ]);
  expect(requirements.map(({ ears }) => ears?.pattern)).toEqual(["event", "unwanted", "ubiquitous", "state"]);
});

test("a criterion keeps its key when another is put in above it, and another file's does not share it", () => {
  const before = read(file("requirements.md", REQUIREMENTS)).requirements;
  const after = read(file("requirements.md", REQUIREMENTS.replace("1. WHEN a coupon", "1. THE Shop SHALL be new\n2. WHEN a coupon"))).requirements;
  const keyOf = (all: readonly { key: string; text: string }[], word: string): string | undefined => all.find(({ text }) => text.includes(word))?.key;
  expect(keyOf(after, "coupon is applied")).toBe(keyOf(before, "coupon is applied"));
  expect(keyOf(after, "coupon is applied")).toMatch(/^req_/u);
  const elsewhere = readSpecs([{ ...file("requirements.md", REQUIREMENTS), path: "other/requirements.md" }], "shop").requirements;
  expect(keyOf(elsewhere, "coupon is applied")).not.toBe(keyOf(before, "coupon is applied"));
});

test("a byte order mark and CRLF change nothing but the blob", () => {
  const plain = read(file("requirements.md", REQUIREMENTS), file("bindings.yaml", BINDINGS));
  const windows = (text: string): string => `\uFEFF${text.replaceAll("\n", "\r\n")}`;
  expect(read(file("requirements.md", windows(REQUIREMENTS)), file("bindings.yaml", windows(BINDINGS)))).toEqual(plain);
});

test("an id that is there twice is reported, and the first is meant", () => {
  const { requirements, problems } = read(file("requirements.md", REQUIREMENTS.replace("2. IF", "3. IF").replace("   by its value", "3. THE Shop SHALL be first")));
  expect(requirements.find(({ id }) => id === "1.3")?.text).toBe("THE Shop SHALL be first");
  expect(problems).toMatchObject([{ file: `${FOLDER}requirements.md`, line: 17, message: expect.stringContaining("1.3 is there twice (first on line 16)") as string }]);
});

test("bugfix.md: the defect is no requirement", () => {
  const text = `# Bugfix\n### Current Behavior (Defect)\n1.1 WHEN x THEN the system crashes\n### Expected Behavior (Correct)\n2.1 WHEN x THEN the system SHALL answer\n### Unchanged Behavior (Regression Prevention)\n- **3.1** WHEN y THEN the system SHALL CONTINUE TO work\n`;
  const { requirements } = read(file("bugfix.md", text));
  expect(requirements.map(({ id, text }) => [id, text])).toEqual([
    ["2.1", "WHEN x THEN the system SHALL answer"],
    ["3.1", "WHEN y THEN the system SHALL CONTINUE TO work"],
  ]);
  expect(requirements[0]?.ears).toEqual({ pattern: "event", trigger: "x", system: "system", response: "answer" });
});

test("files that tasks and properties name belong to the requirements which they cite", () => {
  const tasks = `- [x] 1. Totals\n  - [x] 1.1 Lower the total in \`src/total.js\`\n    - also src/coupon.ts, see https://example.org/a.js\n    - _Requirements: 1.1, 2.1_\n  - [ ]* 1.2 Test in test/total.test.js\n    - _Requirements: 2_\n- [ ] 2 ../../etc/passwd.js\n  _Requirements: 1.1_\n`;
  const design = "### Property 3: zero\n*For any* coupon, `lib/zero.py` gives zero.\n**Validates: Requirements 1.2**\n";
  const { requirements } = read(file("requirements.md", REQUIREMENTS), file("tasks.md", tasks), file("design.md", design));
  expect(Object.fromEntries(requirements.map(({ id, files }) => [id, files]))).toEqual({
    "1.1": ["src/total.js", "src/coupon.ts"],
    "1.2": ["lib/zero.py"],
    "2.1": ["src/total.js", "src/coupon.ts", "test/total.test.js"],
    "2.2": ["test/total.test.js"],
  });
});

test("bindings become checks", () => {
  const { checks, problems } = read(file("requirements.md", REQUIREMENTS), file("bindings.yaml", BINDINGS));
  expect(problems).toEqual([]);
  expect(checks).toMatchObject([
    { name: "total-never-negative", service: "shop", line: 3, requirement: { id: "1.2" }, form: { kind: "invariant", require: 'double(span.attributes["shop.order.total"]) >= 0.0' } },
    { name: "paid-order-is-confirmed", line: 7, requirement: { id: "2.1" }, form: { kind: "eventually", withinMs: 1500, key: 'span.attributes["shop.order.id"]' } },
  ]);
});

test.each([
  ["unknown requirement", `requirement: "7.1"\n    when: "true"\n    require: "true"`, 3, "there is no requirement 7.1"],
  ["unknown key", `requirement: "1.1"\n    when: "true"\n    requires: "true"`, 5, "unknown key `requires`"],
  ["syntax error", `requirement: "1.1"\n    when: "true"\n    require: span.name = "x"`, 5, "require, column 11: not CEL"],
  ["syntax error in a block", `requirement: "1.1"\n    when: |\n      true &&\n      span.nam == "x"\n    require: "true"`, 6, "when, column 1: `span` has no field `nam`"],
  ["both forms", `requirement: "1.1"\n    when: "true"\n    require: "true"\n    eventually: "true"\n    within: 1s`, 6, "both `require` and `eventually`"],
  ["no form", `requirement: "1.1"\n    when: "true"`, 3, "neither"],
  ["bad duration", `requirement: "1.1"\n    when: "true"\n    eventually: "true"\n    within: 5`, 6, "`5` is no duration"],
  ["key twice", `requirement: "1.1"\n    when: "true"\n    require: "true"\n    require: "false"`, 6, "`require` is there twice"],
  ["tag", `requirement: "1.1"\n    when: !has(span.attributes.x)\n    require: "true"`, 4, "`when` must be a text"],
  ["quote at the start", `requirement: "1.1"\n    when: "x" in span.attributes\n    require: "true"`, 4, "not YAML"],
  ["no boolean", `requirement: "1.1"\n    when: span.duration_ms\n    require: "true"`, 4, "gives a number, not a boolean"],
  ["twice the same", `requirement: "1.1"\n    when: "true"\n    require: "true"\n  - requirement: "1.1"\n    when: "true"\n    require: "true"`, 6, "says the same"],
])("a bad binding is reported with its line and disables no other: %s", (_name, binding, line, message) => {
  const good = BINDINGS.slice(BINDINGS.indexOf("  - requirement"));
  const { checks, problems } = read(file("requirements.md", REQUIREMENTS), file("bindings.yaml", `bindings:\n\n  - ${binding}\n${good}`));
  expect(problems[0]).toMatchObject({ file: `${FOLDER}bindings.yaml`, line });
  expect(problems[0]?.message).toContain(message);
  expect(problems[0]?.hint).not.toBe("");
  expect(checks.map(({ name }) => name)).toEqual(expect.arrayContaining(["total-never-negative", "paid-order-is-confirmed"]));
});

test("a file that is no bindings file, and one that is too large", () => {
  expect(read(file("bindings.yaml", "- a\n- b\n")).problems).toMatchObject([{ line: 1, message: expect.stringContaining("no list `bindings`") as string }]);
  expect(read(file("bindings.yaml", "")).problems).toEqual([]);
  expect(read(file("requirements.md", "x".repeat(2 ** 20 + 1))).problems).toMatchObject([{ line: 0, message: expect.stringContaining("larger") as string }]);
});

test.each([
  ["heading of spaces", `# ${" ".repeat(1_000_000)}x`, "", ""],
  ["blank lines after a citation", "", "", `- [ ] 1. x\n_Requirements:${"\n".repeat(1_000_000)}`],
  ["citations of digits", "", "", `- [ ] 1. a.js\n_Requirements: ${"1".repeat(900_000)}x\n${"Requirements ".repeat(5000)}`],
  ["paths without an end", "", "", `- [ ] 1. ${`${"a/".repeat(40)} `.repeat(10_000)}`],
  ["one long criterion", `### Requirement 1\n#### Acceptance Criteria\n1. ${"then the, ".repeat(90_000)} shall`, "", ""],
  ["deep YAML", "", `bindings: ${"[".repeat(60_000)}`, ""],
  ["many keys", "", `bindings: []\n${Array.from({ length: 5_000 }, (_, index) => `k${index}: 1\n`).join("")}`, ""],
  ["many YAML errors", "", `bindings:\n${'  - "a" b\n'.repeat(5_000)}`, ""],
  ["deep block YAML", "", `bindings:\n${Array.from({ length: 700 }, (_, depth) => `${" ".repeat(depth)}-\n`).join("")}`, ""],
  ["deep CEL", "### Requirement 1\n#### Acceptance Criteria\n1. THE a SHALL b\n", `bindings:\n  - requirement: "1.1"\n    when: "${"!".repeat(3990)}true"\n    require: "${"(".repeat(3900)}"\n`, ""],
])("hostile text costs no time: %s", (_name, requirements, bindings, tasks) => {
  // Processor time: the machine may be busy with others.
  const started = process.cpuUsage();
  read(file("requirements.md", requirements), file("bindings.yaml", bindings), file("tasks.md", tasks));
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(2500);
});

test("no text makes it throw, and every problem has a place and a hint", () => {
  const word = fc.constantFrom("### Requirement 1", "#### Acceptance Criteria", "1. THE a SHALL b", "```", "bindings:", "  - requirement: 1.1", "    when: 'true'", "    require: span.name == \"a\"", "&a", "*a", "<<: *a", "- [ ] 1. x", "_Requirements: 1.1_", "\t", "\u0000", "{", "? [a]");
  const text = fc.array(fc.oneof(word, fc.string()), { maxLength: 12 }).map((lines) => lines.join("\n"));
  fc.assert(
    fc.property(text, text, text, (requirements, bindings, tasks) => {
      for (const problem of read(file("requirements.md", requirements), file("bindings.yaml", bindings), file("tasks.md", tasks)).problems) {
        expect(problem.line).toBeGreaterThanOrEqual(0);
        expect(problem.hint).not.toBe("");
      }
    }),
    { numRuns: 500 },
  );
});
