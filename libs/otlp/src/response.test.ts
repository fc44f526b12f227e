import { describe, expect, it } from "vitest";
import { encodeRetryStatus, encodeStatus, encodeSuccess } from "./response.ts";
import { resourceIdentity } from "./resource.ts";

describe("answers", () => {
  it("leave partial_success unset on success", () => {
    expect(encodeSuccess("traces", "protobuf", null)).toHaveLength(0);
    expect(Buffer.from(encodeSuccess("logs", "json", null)).toString()).toBe("{}");
  });

  it("name what was rejected, 64-bit numbers as text in JSON", () => {
    expect(JSON.parse(Buffer.from(encodeSuccess("traces", "json", { rejected: 3, message: "why" })).toString())).toEqual({ partialSuccess: { rejectedSpans: "3", errorMessage: "why" } });
    expect(JSON.parse(Buffer.from(encodeSuccess("logs", "json", { rejected: 3, message: "why" })).toString())).toEqual({ partialSuccess: { rejectedLogRecords: "3", errorMessage: "why" } });
    expect(Buffer.from(encodeSuccess("logs", "protobuf", { rejected: 3, message: "why" })).toString("hex")).toBe("0a0708031203776879");
  });

  it("carry a google.rpc.RetryInfo for gRPC, as seconds and nanoseconds", () => {
    const type = Buffer.from("type.googleapis.com/google.rpc.RetryInfo").toString("hex");
    expect(Buffer.from(encodeRetryStatus(14, "bad", 1500)).toString("hex")).toBe(`080e12036261641a360a28${type}120a0a0808011080cab5ee01`);
  });

  it("carry a google.rpc.Status when refused", () => {
    expect(Buffer.from(encodeStatus("protobuf", 3, "bad")).toString("hex")).toBe("08031203626164");
    expect(JSON.parse(Buffer.from(encodeStatus("json", 3, "bad")).toString())).toEqual({ code: 3, message: "bad" });
  });
});

describe("resource identity", () => {
  it("prefers the current names and takes the older ones", () => {
    expect(resourceIdentity({ "service.name": "shop", "deployment.environment.name": "prod", "deployment.environment": "old", "vcs.repository.ref.revision": "abc", "vcs.repository.url.full": "https://x/y" })).toEqual({
      service: "shop",
      environment: "prod",
      revision: "abc",
      repository: "https://x/y",
    });
    expect(resourceIdentity({ "deployment.environment": "old", "deployment.environment.name": "", "service.name": 7 })).toEqual({ service: "", environment: "old", revision: "", repository: "" });
  });
});
