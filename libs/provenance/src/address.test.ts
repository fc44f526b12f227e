import { describe, expect, it } from "vitest";
import { sameAddress } from "./address.ts";

describe("sameAddress", () => {
  it("names a repository once, however its address is spelled", () => {
    const spellings = ["https://a.example/x", "https://u:p@a.example/x.git", "https://a.example/x.git/", " https://a.example/x/ ", "HTTPS://A.Example/x", "https://u:p@ss@a.example/x"];
    for (const url of spellings) expect(sameAddress(url)).toBe("https://a.example/x");
    expect(sameAddress("git@a.example:o/x.git")).toBe("git@a.example:o/x");
    expect(sameAddress("/srv/git/Shop.git/")).toBe("/srv/git/Shop");
  });

  it("keeps apart what differs, case of the path included", () => {
    expect(sameAddress("https://a.example/y")).not.toBe(sameAddress("https://a.example/x"));
    expect(sameAddress("https://a.example/X")).not.toBe(sameAddress("https://a.example/x"));
    expect(sameAddress("https://a.example/a@b")).toBe("https://a.example/a@b");
    expect(sameAddress("https://u:p@a.example/x?token=abc#y")).toBe("https://a.example/x");
  });
});
