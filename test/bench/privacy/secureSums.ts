/** What a secure sum of 199,210 parameters, those of the 2NN, costs, how exact it is, and that it survives drop-outs. */
import { ckks, keyHolderOf } from "../../../subgraphs/ml/domain/secureAggregation/ckks.ts";
import { packMessage } from "../../../subgraphs/ml/domain/secureAggregation/packMessage.ts";
import { addTo, fromRing, ringLength, toRing } from "../../../subgraphs/ml/domain/secureAggregation/ring.ts";
import { runInMemory } from "../../../subgraphs/ml/domain/secureAggregation/runInMemory.ts";
import { secAgg } from "../../../subgraphs/ml/domain/secureAggregation/secAgg.ts";
import type {
  Answers,
  Contribution,
  SecureScheme,
  SumTask,
} from "../../../subgraphs/ml/domain/secureAggregation/secureSum.ts";
import { createSeededRandom } from "../../../subgraphs/shared/seededRandom.ts";

export type SecureSumCost = {
  readonly scheme: string;
  readonly participants: number;
  readonly dropped: number;
  /** Largest difference of a value from the sum of the floats, of those who are in it. */
  readonly errorMax: number;
  /** Whether it is, bit by bit, the sum of the fixed-point numbers; undefined where there are none. */
  readonly isExact: boolean | undefined;
  /** Of a participant, everything it sends. */
  readonly uploadMb: number;
  /** Largest correlation of anything a participant sent, read as numbers, with its update. */
  readonly correlationMax: number;
  /** Of all participants and the coordinator. */
  readonly cpuSeconds: number;
};

const length = 199_210;

export async function measureSecureSum(
  scheme: SecureScheme,
  participants: number,
  dropShare: number,
  seed: string,
): Promise<SecureSumCost> {
  const random = createSeededRandom(`${seed}/${scheme.name}`);
  const names = Array.from({ length: participants }, (_, at) => `participant-${at}`);
  const task: SumTask = {
    roundId: `round-${seed}`,
    participants: names,
    threshold: Math.floor(participants / 2) + 1,
    length,
    bound: 1,
    weightMax: 100,
  };
  const contributions = new Map<string, Contribution>(
    names.map((name) => [
      name,
      {
        values: Float32Array.from({ length }, () => 0.2 * random.nextNormal()),
        weight: 1 + Math.floor(100 * random.next()),
      },
    ]),
  );
  const dropCount = Math.floor(dropShare * participants);
  const dropped = new Set(names.filter((name) => name !== keyHolderOf(task)).slice(0, dropCount));
  const before = process.cpuUsage();
  // They answered until now, so their masks are in everybody's sums: the hard case.
  const { sum, collected } = await runInMemory(
    scheme,
    task,
    contributions,
    (name, stage) => !(dropped.has(name) && ["masked", "unmask", "encrypted"].includes(stage)),
  );
  const { user, system } = process.cpuUsage(before);
  const there = names.filter((name) => !dropped.has(name));
  return {
    scheme: scheme.name,
    participants,
    dropped: dropped.size,
    errorMax: errorOf(sum.values, there, contributions),
    isExact: scheme === secAgg ? isExact(task, sum.values, there, contributions) : undefined,
    uploadMb: Math.max(...there.map((name) => uploadOf(name, collected))) / 1e6,
    correlationMax: Math.max(...there.map((name) => correlationOf(name, contributions, collected))),
    cpuSeconds: (user + system) / 1e6,
  };
}

export const schemes = { masked: secAgg, encrypted: ckks } as const;

function errorOf(
  values: Float64Array,
  there: readonly string[],
  contributions: ReadonlyMap<string, Contribution>,
): number {
  let most = 0;
  for (let at = 0; at < length; at += 1) {
    const exact = there.reduce((sum, name) => {
      const one = contributions.get(name);
      return sum + (one?.weight ?? 0) * Math.max(-1, Math.min(1, one?.values[at] ?? 0));
    }, 0);
    most = Math.max(most, Math.abs(exact - (values[at] ?? 0)));
  }
  return most;
}

function isExact(
  task: SumTask,
  values: Float64Array,
  there: readonly string[],
  contributions: ReadonlyMap<string, Contribution>,
): boolean {
  const plain = new Uint32Array(ringLength(task));
  for (const name of there) {
    const one = contributions.get(name);
    if (one) addTo(plain, toRing(task, one));
  }
  return fromRing(task, plain).values.every((value, at) => value === values[at]);
}

function uploadOf(name: string, collected: ReadonlyMap<string, Answers>): number {
  return [...collected.values()].reduce(
    (sum, answers) => sum + packMessage(answers.get(name) ?? {}).byteLength,
    0,
  );
}

/** Whatever was sent, as 32-bit numbers beside the update: all that is as long as the update, and chunks of it. */
function correlationOf(
  name: string,
  contributions: ReadonlyMap<string, Contribution>,
  collected: ReadonlyMap<string, Answers>,
): number {
  const values = contributions.get(name)?.values ?? new Float32Array();
  const parts = [...collected.values()].flatMap((answers) => Object.values(answers.get(name) ?? {}));
  return Math.max(
    0,
    ...parts.filter((part) => part.byteLength > 4_000).map((part) => Math.abs(correlate(values, part))),
  );
}

function correlate(values: Float32Array, part: Uint8Array): number {
  const view = new DataView(part.buffer, part.byteOffset, part.byteLength);
  const count = Math.min(values.length, part.byteLength >> 2);
  let [x, y, xx, yy, xy] = [0, 0, 0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const [a, b] = [values[at] ?? 0, view.getInt32(4 * at, true) / 2 ** 31];
    x += a;
    y += b;
    xx += a * a;
    yy += b * b;
    xy += a * b;
  }
  return (count * xy - x * y) / Math.sqrt((count * xx - x * x) * (count * yy - y * y));
}
