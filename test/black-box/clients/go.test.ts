import { GO } from "../../harness/collector.ts";
import { describeClient } from "./client.ts";
import { goClient } from "./go.ts";

describeClient("Go", GO, ["http", "grpc"], goClient);
