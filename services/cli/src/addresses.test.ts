import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { refuseAddress, sourceNamed } from "./addresses.ts";

const folder = mkdtempSync(join(tmpdir(), "firstfix-addresses-"));
writeFileSync(join(folder, "file"), "");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("what is named as a repository", () => {
  it("is a folder or an address", async () => {
    expect(await sourceNamed("the source", folder)).toEqual({ kind: "folder", folder });
    for (const address of ["https://git.example.com/x", "git@git.example.com:team/shop", "git.example.com:team/shop"]) expect(await sourceNamed("the source", address)).toEqual({ kind: "address", address });
    // Only what fetches it knows why not.
    expect(await sourceNamed("the source", "ext::sh -c x")).toMatchObject({ kind: "address" });
  });

  it.each([
    ["/nonexistent", "there is no folder /nonexistent"],
    ["nope", "there is no folder nope"],
    [join(folder, "file"), `the source ${join(folder, "file")} is no folder`],
    [" ", "the source is empty"],
    ["javascript:alert(1)", "the source javascript:alert(1) is no address that Firstfix fetches from"],
    ["data:text/html,x", "the source data:text/html,x is no address that Firstfix fetches from"],
    ["http:/host/x", "the source http:/host/x is no address that Firstfix fetches from"],
    ["C:\\shop", "the source C:\\shop is no address that Firstfix fetches from"],
  ])("is not %j, and the hint is for a command, not for the configuration", async (text, message) => {
    await expect(sourceNamed("the source", text)).rejects.toMatchObject({ code: "bad_request", message, hint: expect.stringMatching(/^Give the folder of a git repository, or an address/) as string });
  });

  it("has a name that telemetry could give", () => {
    expect(() => refuseAddress("--url", undefined)).not.toThrow();
    expect(() => refuseAddress("--url", "https://git.example.com/team/shop")).not.toThrow();
    for (const name of ["javascript:alert(1)", "nope", "https://h/\u001b[31m", "a b"]) expect(() => refuseAddress("--url", name)).toThrow("--url");
  });
});
