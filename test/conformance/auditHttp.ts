/** `npm run audit:http`: the audits of graphql-http against a gateway that listens, and how many of all it passes. */
import { auditServer } from "graphql-http";
import { startBookshop } from "../support/startBookshop.ts";
import { startGateway } from "../support/startGateway.ts";

const shop = await startBookshop();
const gateway = await startGateway(shop.sdl);
const results = await auditServer({ url: gateway.graphql });
await gateway[Symbol.asyncDispose]();
await shop[Symbol.asyncDispose]();

const failed = results.filter(({ status }) => status !== "ok");
for (const result of failed) {
  console.log(
    `${result.status} ${result.id} ${result.name}${"reason" in result ? `: ${result.reason}` : ""}`,
  );
}
console.log(`GraphQL over HTTP: ${results.length - failed.length} of ${results.length} audits passed`);
process.exitCode = failed.length === 0 ? 0 : 1;
