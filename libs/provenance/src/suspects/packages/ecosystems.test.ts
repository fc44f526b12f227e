import { expect, it } from "vitest";
import { boundTo, runsCodeOf, type Ecosystem } from "./ecosystems.ts";

it.each<readonly [Ecosystem, string, string]>([
  ["npm", "qs", "/app/node_modules/qs/lib/parse.js"],
  ["npm", "qs", "/app/node_modules/.pnpm/qs@6.1.0/node_modules/qs/lib/parse.js"],
  ["npm", "@hapi/hoek", "/app/node_modules/@hapi/boom/node_modules/@hapi/hoek/lib/index.js"],
  ["npm", "qs", "C:\\app\\node_modules\\qs\\lib\\parse.js"],
  ["npm", "qs", "webpack://shop/./node_modules/qs/lib/parse.js"],
  ["pypi", "requests", "/usr/lib/python3.11/site-packages/requests/api.py"],
  ["pypi", "typing-extensions", "/venv/lib/python3.11/site-packages/typing_extensions.py"],
  ["pypi", "PyYAML", "/usr/lib/python3/dist-packages/yaml/loader.py"],
  ["go", "github.com/jackc/pgx/v5", "/go/pkg/mod/github.com/jackc/pgx/v5@v5.2.0/conn.go"],
  ["go", "github.com/Masterminds/semver", "/go/pkg/mod/github.com/!masterminds/semver@v1.5.0/version.go"],
  ["go", "github.com/jackc/pgx/v5", "github.com/jackc/pgx/v5@v5.2.0/conn.go"],
  ["go", "github.com/jackc/pgx/v5", "/app/vendor/github.com/jackc/pgx/v5/conn.go"],
  ["cargo", "serde_json", "/root/.cargo/registry/src/index.crates.io-6f17d22bba15001f/serde_json-1.0.1/src/de.rs"],
  ["cargo", "md-5", "/root/.cargo/registry/src/index/md-5-0.10.6/src/lib.rs"],
  ["cargo", "json", "/root/.cargo/git/checkouts/json-2f7d5e1a9b3c4d5e/abc1010/src/lib.rs"],
  ["gem", "http-2", "/usr/local/bundle/gems/http-2-1.0.0/lib/http/2.rb"],
  ["gem", "rack", "/usr/local/bundle/gems/rack-3.0.0/lib/rack/request.rb"],
  ["gem", "rack-session", "/usr/local/bundle/gems/rack-session-2.0.0/lib/rack/session.rb"],
  ["composer", "guzzlehttp/guzzle", "/app/vendor/guzzlehttp/guzzle/src/Client.php"],
  ["maven", "com.fasterxml.jackson.core:jackson-databind", "com/fasterxml/jackson/databind/ObjectMapper.java"],
  ["maven", "com.google.code.gson:gson", "com/google/gson/Gson.java"],
  ["maven", "org.springframework:spring-web", "org/springframework/web/client/RestTemplate.java"],
  ["maven", "org.postgresql:postgresql", "org/postgresql/core/v3/QueryExecutorImpl.java"],
  ["maven", "com.zaxxer:HikariCP", "com/zaxxer/hikari/pool/HikariPool.java"],
  ["maven", "org.apache.commons:commons-lang3", "org/apache/commons/lang3/Validate.java"],
  ["maven", "commons-io:commons-io", "org/apache/commons/io/FileUtils.java"],
  ["maven", "com.google.guava:guava", "com/google/common/collect/ImmutableMap.java"],
  ["maven", "org.hibernate:hibernate-core", "org/hibernate/internal/SessionImpl.java"],
  ["maven", "io.netty:netty-bom", "io/netty/channel/Channel.java"],
  ["maven", "software.amazon.awssdk:s3", "software/amazon/awssdk/services/s3/S3Client.java"],
  ["maven", "com.google.protobuf:protobuf-java", "com/google/protobuf/Message.java"],
  ["maven", "com.squareup.okhttp3:okhttp", "okhttp3/RealCall.java"],
  ["maven", "org.springframework.boot:spring-boot-starter-parent", "org/springframework/web/client/RestTemplate.java"],
  ["maven", "org.springframework.boot:spring-boot-starter-parent", "com/fasterxml/jackson/databind/ObjectMapper.java"],
  ["maven", ":jackson", "com/fasterxml/jackson/databind/ObjectMapper.java"],
])("of %s, %s runs in %s", (ecosystem, name, file) => {
  expect(runsCodeOf({ ecosystem, name }, { file, function: "" })).toBe(true);
});

it.each<readonly [Ecosystem, string, string]>([
  ["npm", "qs", "/app/node_modules/qs-more/index.js"],
  ["npm", "boom", "/app/node_modules/@hapi/boom/node_modules/hoek/index.js"],
  ["npm", "", "/app/src/a.js"],
  ["pypi", "request", "/usr/lib/python3.11/site-packages/requests/api.py"],
  ["go", "github.com/jackc/pgx", "/go/pkg/mod/github.com/jackc/pgx/v5@v5.2.0/conn.go"],
  ["cargo", "serde", "/root/.cargo/registry/src/index/serde_json-1.0.1/src/de.rs"],
  ["gem", "rack", "/usr/local/bundle/gems/rack-session-2.0.0/lib/rack/session.rb"],
  ["maven", "org.springframework:spring-context", "org/springframework/web/client/RestTemplate.java"],
  ["maven", "org.apache.kafka:kafka-clients", "org/apache/commons/io/FileUtils.java"],
  ["maven", "com.fasterxml.jackson.core:jackson-databind", "com/fasterxml/jackson/module/Scala.java"],
  ["maven", "org.postgresql:postgresql", "org/hibernate/Session.java"],
  ["maven", "com.acme:tax-client", "com/acme/shop/Cart.java"],
  ["maven", "org.springframework.boot:spring-boot-starter-parent", "com/google/gson/Gson.java"],
  ["maven", "software.amazon.awssdk:s3", "software/amazon/awssdk/services/sqs/SqsClient.java"],
  ["maven", "com.google.guava:guava", "com/google/gson/Gson.java"],
  ["maven", "constructor:x", "com/google/gson/Gson.java"],
  ["maven", ":client", "org/springframework/web/client/RestTemplate.java"],
  ["maven", ":java", "java/util/ArrayList.java"],
  ["maven", ":", "com/acme/Cart.java"],
])("of %s, %s does not run in %s", (ecosystem, name, file) => {
  expect(runsCodeOf({ ecosystem, name }, { file, function: "" })).toBe(false);
});

it("of npm one copy is told from another by its folder, where the lock file says it", () => {
  const runs = (folder: string, file: string): boolean => runsCodeOf({ ecosystem: "npm", name: "qs", folder }, { file, function: "" });
  const [top, nested] = ["/app/node_modules/qs/lib/parse.js", "/app/node_modules/express/node_modules/qs/lib/parse.js"];
  expect([runs("qs", top), runs("express/node_modules/qs", nested), runs("qs", nested), runs("express/node_modules/qs", top)]).toEqual([true, true, false, false]);
});

it("of .NET a frame is known by its name alone", () => {
  const runs = (name: string, method: string): boolean => runsCodeOf({ ecosystem: "nuget", name }, { file: "", function: method });
  expect([runs("Newtonsoft.Json", "Newtonsoft.Json.JsonConvert.DeserializeObject"), runs("Newtonsoft.JsonX", "Newtonsoft.Json.JsonConvert.DeserializeObject"), runs("Json", "Newtonsoft.Json.JsonConvert.DeserializeObject")]).toEqual([true, false, false]);
  expect([runs(":NewtonsoftJson", "Newtonsoft.Json.JsonConvert.DeserializeObject"), runs(":Npgsql", "Npgsql.NpgsqlConnection.Open"), runs(":File", "FileHelpers.Engine.Read"), runs(":", "Npgsql.NpgsqlConnection.Open")]).toEqual([true, true, false, false]);
});

it.each<readonly [Ecosystem, string, string, string]>([
  ["npm", "@hapi/hoek", 'const Hoek = require("@hapi/hoek/lib/assert");', "Hoek"],
  ["npm", "pad", "import { left as padded } from 'pad';", "padded"],
  ["pypi", "requests", "import os, requests as http", "http"],
  ["pypi", "PyYAML", "from yaml.loader import SafeLoader", "SafeLoader"],
  ["go", "github.com/jackc/pgx/v5", 'pg "github.com/jackc/pgx/v5/pgxpool"', "pg"],
  ["cargo", "serde-json", "use serde_json::{from_str, Value};", "from_str"],
  ["gem", "net-ssh", 'require "net/ssh"', "ssh"],
  ["maven", "com.fasterxml.jackson.core:jackson-databind", "import com.fasterxml.jackson.databind.ObjectMapper;", "ObjectMapper"],
  ["nuget", "Newtonsoft.Json", "using Newtonsoft.Json.Linq;", "Linq"],
  ["submodule", "modules/lib", 'import { total } from "../modules/lib/src/c.js";', "total"],
  ["composer", "guzzlehttp/guzzle", "use GuzzleHttp\\Client;", "Client"],
])("of %s, %s is imported by %s as %s", (ecosystem, name, row, called) => {
  expect(boundTo({ ecosystem, name }, ["const before = 1;", row])).toContain(called);
  expect(boundTo({ ecosystem, name: name.replaceAll(/[a-z]/g, "q") }, [row])).toBeNull();
});
