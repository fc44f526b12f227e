import { brief, named, replace, type Template } from "./api.ts";

/** Two neighbouring arguments stand in the wrong order. */
export const argumentOrder: Template = {
  name: "arguments",
  kinds: ["call_expression", "new_expression"],
  prior: () => 0.7,
  apply: (node) => {
    const list = node.field("arguments");
    if (list === null || list.kind() !== "arguments") return [];
    const given = named(list);
    return given.slice(1).flatMap((second, index) => {
      const first = given[index];
      if (first === undefined || first.text() === second.text() || /function/.test(`${String(first.kind())}${String(second.kind())}`)) return [];
      const texts = given.map((one) => one.text());
      [texts[index], texts[index + 1]] = [second.text(), first.text()];
      return [replace(list, `(${texts.join(", ")})`, `exchanges ${brief(first)} and ${brief(second)} in the call of ${brief(node.field("function") ?? node.field("constructor") ?? node)}`)];
    });
  },
};
