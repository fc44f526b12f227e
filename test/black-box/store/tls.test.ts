import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@firstfix/store";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startClickHouseFront, type ClickHouseFront } from "../../harness/clickhouse.ts";
import { command } from "../../harness/command.ts";
import { describeWith, runs } from "../../harness/requires.ts";
import { failure } from "./fixture.ts";

const OPENSSL = { name: "openssl", there: runs("openssl", "version"), install: "apt-get install openssl" };
const OPEN = `import { openStore, select } from "@firstfix/store"; const store = await openStore({ url: process.argv[1] }); console.log(JSON.stringify(await select(store.interactive, "SELECT 1 AS one"))); await store.close();`;

describeWith(OPENSSL, "a server that speaks TLS", () => {
  let folder: string;
  let front: ClickHouseFront;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "firstfix-front-"));
    const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "2", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"], { stdio: "ignore" });
    front = await startClickHouseFront({ folder, tls: { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") } });
  });
  afterAll(async () => {
    await front.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it("is refused while nothing vouches for its certificate, with a hint", async () => {
    expect((await failure(openStore({ url: front.url }))).error).toMatchObject({ code: "config.invalid", retryable: false, hint: expect.stringContaining("NODE_EXTRA_CA_CERTS") as string });
  });

  it("is used when the certificate's authority is named", async () => {
    const said = await command(process.execPath, ["--input-type=module", "--eval", OPEN, front.url], { cwd: import.meta.dirname, env: { NODE_EXTRA_CA_CERTS: join(folder, "cert.pem") } });
    expect(said.trim()).toBe('[{"one":1}]');
  });
});
