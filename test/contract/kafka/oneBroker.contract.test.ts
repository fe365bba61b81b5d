import { describeWhere } from "../../support/describeWhere.ts";
import { describeEventLog } from "../eventLog/describeEventLog.ts";
import { startKafkaLog } from "../eventLog/kafkaLog.ts";

describeWhere("kafka", "one broker", (libs) => {
  describeEventLog("Kafka, one broker", () => startKafkaLog(libs, 1));
});
