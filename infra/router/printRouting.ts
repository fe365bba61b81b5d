/** `npm run -s generate:routing -- route53|cloudflare <zone>`: the configuration as JSON. */
import { failoverClock } from "../../subgraphs/regions/domain/failover/clock.ts";
import { regionPlaces } from "./places.ts";
import { toCloudflare } from "./toCloudflare.ts";
import { toRoute53 } from "./toRoute53.ts";

const [target, zone] = process.argv.slice(2);
const printers = { route53: toRoute53, cloudflare: toCloudflare };
if (
  (target !== "route53" && target !== "cloudflare") ||
  zone === undefined ||
  !/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(zone)
) {
  console.error("expected route53 or cloudflare, and the zone in which the names are, such as atlas.example");
  process.exit(2);
}
console.log(JSON.stringify(printers[target](zone, regionPlaces, failoverClock), null, 2));
