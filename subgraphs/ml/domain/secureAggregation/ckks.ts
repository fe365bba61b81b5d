/**
 * Secure sums by homomorphic addition (CKKS, Cheon et al. 2017): participants encrypt, the coordinator adds what it cannot
 * read, one participant, another one each round, holds the key and decrypts the sum only.
 *
 * Limits, which is why masks (secAgg.ts) are the default:
 * - One key: whoever has it together with the coordinator reads every update. SEAL has no threshold keys.
 * - When the key holder drops out, the round is lost.
 * - Decryptions of CKKS give hints about the key (Li and Micciancio 2021; SEAL's SECURITY.md). What leaves the key holder
 *   is rounded to more than 2¹⁰ times the noise, and a key is used for one round.
 * - Upload is 7.5 times that of the plain floats.
 */
import { createHash } from "node:crypto";
import { discardSeal, openSeal, type Seal, scale, slots } from "./openSeal.ts";
import {
  answerersOf,
  assertContribution,
  assertThreshold,
  type Collected,
  type Contribution,
  getPart,
  type Message,
  type SecureParticipant,
  type SecureScheme,
  SecureSumError,
  type SumTask,
} from "./secureSum.ts";

export const ckks: SecureScheme = {
  name: "CKKS",
  stages: ["keys", "encrypted", "decrypted"],
  assertPossible,
  createParticipant,
  toRequest,
  sum,
};

/** Sums stay below 2¹³ (see openSeal.ts); a part of a sum is at most 1. */
const participantsMax = 4_096;

/** Noise of a sum is about 1e-8; this is more than 2¹⁰ times as much. */
export const rounding = 2 ** -16;

/** A public key or a ciphertext of these parameters, with room for the header; more is never given to SEAL. */
const bytesMax = 160_000;

type Keys = {
  readonly secret: ReturnType<ReturnType<Seal["library"]["KeyGenerator"]>["secretKey"]>;
  readonly publicBytes: Uint8Array;
};

function assertPossible({ participants, threshold, bound, weightMax, length }: SumTask): void {
  const count = participants.length;
  if (count < 3 || count > participantsMax)
    throw new RangeError(`expected 3 to ${participantsMax} participants, came ${count}`);
  if (!(Number.isInteger(threshold) && threshold >= 2 && threshold <= count))
    throw new RangeError(`expected a threshold of 2 to ${count}, came ${threshold}`);
  if (!(bound > 0 && Number.isFinite(bound))) throw new RangeError(`expected a bound above 0, came ${bound}`);
  if (!(weightMax >= 1 && length >= 1))
    throw new RangeError("expected a length and a largest weight of at least 1");
}

/** Another one each round, so that no participant holds the key twice in a row by choice. */
export function keyHolderOf({ roundId, participants }: Pick<SumTask, "roundId" | "participants">): string {
  const at = createHash("sha256").update(roundId).digest().readUInt32BE(0) % participants.length;
  return participants[at] ?? "";
}

async function createParticipant(
  task: SumTask,
  name: string,
  contribution: Contribution,
): Promise<SecureParticipant> {
  assertPossible(task);
  assertContribution(task, contribution);
  const seal = await openSeal();
  const keys = keyHolderOf(task) === name ? createKeys(seal) : undefined;
  let hasDecrypted = false;
  return {
    answer: async (stage, request) => {
      if (stage === "keys") return keys ? { publicKey: keys.publicBytes } : {};
      if (stage === "encrypted") return encrypt(seal, task, contribution, getPart(request, "publicKey"));
      if (stage !== "decrypted" || !keys || hasDecrypted)
        throw new SecureSumError(
          "REVEALING_REQUEST",
          "expected the key holder to be asked for one sum, once",
        );
      hasDecrypted = true;
      return decrypt(seal, task, keys, request);
    },
  };
}

async function toRequest(
  task: SumTask,
  stage: string,
  participant: string,
  collected: Collected,
): Promise<Message | undefined> {
  if (stage === "keys") return {};
  const publicKey = collected.get("keys")?.get(keyHolderOf(task))?.publicKey;
  if (!publicKey)
    throw new SecureSumError("TOO_FEW_PARTICIPANTS", "expected the key holder to answer, it did not");
  if (stage === "encrypted") return { publicKey };
  if (participant !== keyHolderOf(task)) return undefined;
  return addUp(task, collected);
}

/** The coordinator's part: additions of what it cannot read. */
async function addUp(task: SumTask, collected: Collected): Promise<Message> {
  const names = answerersOf(task, "encrypted", collected);
  assertThreshold(task, "encrypted", names);
  const { library, context } = await openSeal();
  const evaluator = library.Evaluator(context);
  const chunks = Array.from({ length: chunksOf(task) }, (_, chunk): [string, Uint8Array] => {
    const total = library.CipherText();
    for (const [at, name] of names.entries()) {
      const cipher = at === 0 ? total : library.CipherText();
      load(name, getPart(collected.get("encrypted")?.get(name), String(chunk)), (bytes) =>
        cipher.loadArray(context, bytes),
      );
      if (cipher === total) continue;
      evaluator.add(total, cipher, total);
      cipher.delete();
    }
    const bytes = total.saveArray();
    total.delete();
    return [String(chunk), bytes];
  });
  evaluator.delete();
  return Object.fromEntries(chunks);
}

async function sum(task: SumTask, collected: Collected) {
  const contributors = answerersOf(task, "encrypted", collected);
  assertThreshold(task, "encrypted", contributors);
  const bytes = getPart(collected.get("decrypted")?.get(keyHolderOf(task)), "sum");
  if (bytes.byteLength !== (task.length + 1) * 8)
    throw new SecureSumError(
      "CORRUPT_MESSAGE",
      `expected a sum of ${(task.length + 1) * 8} bytes, came ${bytes.byteLength}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const unit = task.weightMax;
  const values = Float64Array.from(
    { length: task.length },
    (_, at) => view.getFloat64(at * 8, true) * unit * task.bound,
  );
  return { values, weight: view.getFloat64(task.length * 8, true) * unit, contributors };
}

function createKeys({ library, context }: Seal): Keys {
  const generator = library.KeyGenerator(context);
  const publicKey = generator.createPublicKey();
  const keys = { secret: generator.secretKey(), publicBytes: publicKey.saveArray() };
  publicKey.delete();
  generator.delete();
  return keys;
}

/** One ciphertext for each chunk of slots, by its number. Values are w · v / (weightMax · bound), the weight comes last. */
function encrypt(
  { library, context }: Seal,
  task: SumTask,
  { values, weight }: Contribution,
  publicBytes: Uint8Array,
): Message {
  const publicKey = library.PublicKey();
  load("the key holder", publicBytes, (bytes) => publicKey.loadArray(context, bytes));
  const encryptor = library.Encryptor(context, publicKey);
  const encoder = library.CKKSEncoder(context);
  const share = weight / task.weightMax;
  const valueAt = (at: number): number => {
    if (at === task.length) return share;
    const value = values[at] ?? 0;
    return (share * Math.min(task.bound, Math.max(-task.bound, value))) / task.bound;
  };
  const message = Object.fromEntries(
    Array.from({ length: chunksOf(task) }, (_, chunk): [string, Uint8Array] => {
      const slotsUsed = Math.min(slots, task.length + 1 - chunk * slots);
      const plain = library.PlainText();
      encoder.encode(
        Float64Array.from({ length: slotsUsed }, (__, slot) => valueAt(chunk * slots + slot)),
        scale,
        plain,
      );
      const cipher = library.CipherText();
      encryptor.encrypt(plain, cipher);
      const bytes = cipher.saveArray();
      plain.delete();
      cipher.delete();
      return [String(chunk), bytes];
    }),
  );
  encoder.delete();
  encryptor.delete();
  publicKey.delete();
  return message;
}

/** Rounded before it leaves: see the limits above. The key is forgotten. */
function decrypt({ library, context }: Seal, task: SumTask, { secret }: Keys, request: Message): Message {
  const decryptor = library.Decryptor(context, secret);
  const encoder = library.CKKSEncoder(context);
  const bytes = Buffer.alloc((task.length + 1) * 8);
  for (let chunk = 0; chunk < chunksOf(task); chunk += 1) {
    const cipher = library.CipherText();
    load("the coordinator", getPart(request, String(chunk)), (sealed) => cipher.loadArray(context, sealed));
    const plain = library.PlainText();
    decryptor.decrypt(cipher, plain);
    const values = encoder.decode(plain);
    for (let slot = 0; slot < slots && chunk * slots + slot <= task.length; slot += 1)
      bytes.writeDoubleLE(Math.round((values[slot] ?? 0) / rounding) * rounding, (chunk * slots + slot) * 8);
    plain.delete();
    cipher.delete();
  }
  encoder.delete();
  decryptor.delete();
  secret.delete();
  return { sum: bytes };
}

function chunksOf({ length }: SumTask): number {
  return Math.ceil((length + 1) / slots);
}

/**
 * Sizes are judged before SEAL sees a byte: what is shorter than its own header says makes it abort. What SEAL then refuses
 * has the same fault.
 */
function load(from: string, bytes: Uint8Array, parse: (bytes: Uint8Array) => void): void {
  const said = sizeInHeader(bytes);
  if (said !== bytes.byteLength || said > bytesMax)
    throw new SecureSumError(
      "CORRUPT_MESSAGE",
      `expected a SEAL object of at most ${bytesMax} bytes from ${from}, came ${bytes.byteLength} bytes that say ${said}`,
    );
  try {
    parse(bytes);
  } catch (cause) {
    discardSeal();
    throw new SecureSumError("CORRUPT_MESSAGE", `expected SEAL to read what ${from} sent, it could not`, {
      cause,
    });
  }
}

/** SEALHeader, native/src/seal/serialization.h: magic 0xA15E, 6 bytes of version and mode, then the size of all in 8. */
function sizeInHeader(bytes: Uint8Array): number {
  if (bytes.byteLength < 16) return 0;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint16(0, true) === 0xa15e ? Number(view.getBigUint64(8, true)) : 0;
}
