import { randomUUID } from "node:crypto";
import { createKafkaBus } from "@firstfix/bus";
import { afterAll, beforeAll } from "vitest";
import { busConformance } from "../../../libs/bus/src/conformance.ts";
import { KAFKA, startKafka, type Kafka } from "../../harness/kafka.ts";
import { describeWith } from "../../harness/requires.ts";

describeWith(KAFKA, "the Kafka bus against a broker", () => {
  let kafka: Kafka;
  beforeAll(async () => {
    kafka = await startKafka();
  });
  afterAll(() => kafka.stop());

  busConformance("kafka", {
    appendWaitsForGroups: false,
    open({ bytesMax }) {
      const name = randomUUID();
      return Promise.resolve(createKafkaBus({ brokers: kafka.brokers, topics: { t: `t-${name}`, u: `u-${name}` }, partitions: 1, appendBytesMax: bytesMax }));
    },
  });
});
