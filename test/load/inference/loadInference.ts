/**
 * `npm run load:inference [-- --rate 200 --seconds 30]`: a whole region, and so many predictions a second asked of its
 * gateway, each for a country of its own, each computed as it is asked for and explained feature by feature. Exit code 1 when p95
 * is above 300 ms, counted from when a request was due, or an answer is not a prediction.
 */
import { availableParallelism, loadavg } from "node:os";
import { parseArgs } from "node:util";
import { askPredictions, compareBatches } from "./askPredictions.ts";
import { openPredictingRegion } from "./openPredictingRegion.ts";

const { values } = parseArgs({
  options: { rate: { type: "string", default: "200" }, seconds: { type: "string", default: "30" } },
});
const [rate, seconds] = [Number(values.rate), Number(values.seconds)];
if (!(rate > 0 && seconds > 0)) throw new Error("expected numbers above 0 for --rate and --seconds");
/** Of the issue: what a caller may wait for in 95 of 100 cases. */
const p95MsMax = 300;
await using region = await openPredictingRegion();
const { countries } = region;
console.log(
  `${rate} predictions a second for ${seconds} s, of ${countries.length} countries, through the gateway`,
);
// Plans, prepared statements and the model itself: what a running region has.
await askPredictions(region, { rate, seconds: Math.min(5, seconds) });
const before = region.readCpu();
const { p50, p95, p99, most, wrong, firstWrong, asked } = await askPredictions(region, { rate, seconds });
console.log(
  `  ${asked} asked, ${wrong} wrong; ms: p50 ${p50}, p95 ${p95} (at most ${p95MsMax}), p99 ${p99}, longest ${most}`,
);
if (firstWrong !== null) console.log(`  first wrong answer: ${firstWrong}`);

const after = region.readCpu();
const costOf = (part: "gateway" | "ml") => (((after[part] - before[part]) * 1_000) / asked).toFixed(2);
console.log(
  `  ms of processor time for each: gateway ${costOf("gateway")}, ml ${costOf("ml")}; load of the machine ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`,
);

const throughput = await compareBatches(region, 1_000, 50);
console.log(
  `one by one ${throughput.oneByOne} predictions/s, ${throughput.size} in a request ${throughput.together}/s: ${(throughput.together / throughput.oneByOne).toFixed(1)} times`,
);
process.exitCode = p95 <= p95MsMax && wrong === 0 ? 0 : 1;
