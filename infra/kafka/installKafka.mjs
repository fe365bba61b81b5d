/** `npm run kafka:install` */
import { installKafka } from "./kafka.mjs";

try {
  console.log(installKafka());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
