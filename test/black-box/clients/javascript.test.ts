import { describeClient } from "./client.ts";
import { send } from "./javascript.ts";

describeClient("JavaScript", { name: "Node", there: true, install: "npm ci" }, ["http", "http/json", "grpc"], () => Promise.resolve(send));
