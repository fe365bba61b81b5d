/**
 * Secure aggregation by masks that cancel (Bonawitz et al. 2017, §4, Figure 4, honest but curious): every two
 * participants add and subtract the same mask, each adds one of its own, and shares of both secrets let the survivors
 * take off what a drop-out left behind. The coordinator sees sums only: of one participant it may learn the own mask or
 * the pairwise key, never both, and each participant guards that itself.
 *
 * Upload is 4 bytes a value. What it does not stop: participants that lie about their values; see the guide.
 */
import { randomBytes } from "node:crypto";
import { combine, split } from "shamir-secret-sharing";
import { agree, createKeyPair, expandMask, type KeyPair, open, seal } from "./keys.ts";
import { addTo, fromRing, ringFromBytes, ringLength, ringToBytes, subtractFrom, toRing } from "./ring.ts";
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

export const secAgg: SecureScheme = {
  name: "SECAGG",
  stages: ["keys", "shares", "masked", "unmask"],
  assertPossible,
  createParticipant,
  toRequest,
  sum,
};

/** Shares are made over GF(256), so for at most 255. */
const participantsMax = 255;

function assertPossible({ participants, threshold, bound, weightMax, length }: SumTask): void {
  const count = participants.length;
  if (new Set(participants).size !== count)
    throw new RangeError("expected participants of different names, came two of one");
  if (count < 3 || count > participantsMax)
    throw new RangeError(`expected 3 to ${participantsMax} participants, came ${count}`);
  // With half of them, two disjoint halves could each reconstruct one of the two secrets of a participant.
  if (!(Number.isInteger(threshold) && threshold > count / 2 && threshold <= count))
    throw new RangeError(`expected a threshold above ${count / 2} and at most ${count}, came ${threshold}`);
  if (!(bound > 0 && Number.isFinite(bound))) throw new RangeError(`expected a bound above 0, came ${bound}`);
  if (!(weightMax >= 1 && length >= 1))
    throw new RangeError("expected a length and a largest weight of at least 1");
}

function createParticipant(task: SumTask, name: string, contribution: Contribution): SecureParticipant {
  assertPossible(task);
  assertContribution(task, contribution);
  const sealing = createKeyPair();
  const masking = createKeyPair();
  const ownSeed = new Uint8Array(randomBytes(32));
  /** Both public keys of everybody, once they were told. */
  let peers: ReadonlyMap<string, Message> = new Map();
  /** Sealed shares from each peer, once they were told. */
  let received: Message = {};
  let hasUnmasked = false;

  const stages: Readonly<Record<string, (request: Message) => Promise<Message>>> = {
    keys: async () => ({ sealing: sealing.publicKey, masking: masking.publicKey }),

    shares: async (request) => {
      peers = readPeers(request);
      const names = [...peers.keys()];
      assertThreshold(task, "keys", names);
      const seeds = await split(ownSeed, names.length, task.threshold);
      const keys = await split(masking.privateKey, names.length, task.threshold);
      return Object.fromEntries(
        names.map((peer, at) => {
          const shares = Buffer.concat([seeds[at] ?? new Uint8Array(), keys[at] ?? new Uint8Array()]);
          return [peer, seal(sealingKey(sealing, peers, peer), shares, contextOf(task, name, peer))];
        }),
      );
    },

    masked: async (request) => {
      received = request;
      const ring = toRing(task, contribution);
      addTo(ring, expandMask(ownSeed, ring.length));
      const present = Object.keys(received);
      assertThreshold(task, "shares", present);
      for (const peer of present) {
        if (peer === name) continue;
        const mask = expandMask(pairSeed(task, masking, peers, peer), ring.length);
        if (isBefore(task, name, peer)) addTo(ring, mask);
        else subtractFrom(ring, mask);
      }
      return { vector: ringToBytes(ring) };
    },

    unmask: async (request) => {
      const survivors = namesIn(request, "survivors");
      const dropped = namesIn(request, "dropped");
      assertThreshold(task, "masked", survivors);
      // Asked twice, or for both secrets of one participant, it would lay a single update open.
      if (hasUnmasked || survivors.some((peer) => dropped.includes(peer)))
        throw new SecureSumError(
          "REVEALING_REQUEST",
          "expected one request for one secret of each participant",
        );
      hasUnmasked = true;
      return Object.fromEntries(
        [...survivors, ...dropped].map((peer) => {
          const key = sealingKey(sealing, peers, peer);
          const shares = open(key, getPart(received, peer), contextOf(task, peer, name));
          const half = shares.length / 2;
          return [peer, survivors.includes(peer) ? shares.subarray(0, half) : shares.subarray(half)];
        }),
      );
    },
  };

  return {
    answer: async (stage, request) => {
      const act = stages[stage];
      if (!act) throw new SecureSumError("CORRUPT_MESSAGE", `expected one of the four stages, came ${stage}`);
      return act(request);
    },
  };
}

async function toRequest(
  task: SumTask,
  stage: string,
  participant: string,
  collected: Collected,
): Promise<Message | undefined> {
  const before = secAgg.stages[secAgg.stages.indexOf(stage) - 1];
  if (before === undefined) return {};
  const present = answerersOf(task, before, collected);
  assertThreshold(task, before, present);
  if (!present.includes(participant)) return undefined;
  if (stage === "shares")
    return Object.fromEntries(
      present.flatMap((name) => {
        const keys = collected.get("keys")?.get(name);
        return [
          [`${name}/sealing`, getPart(keys, "sealing")],
          [`${name}/masking`, getPart(keys, "masking")],
        ];
      }),
    );
  if (stage === "masked")
    return Object.fromEntries(
      present.map((name) => [name, getPart(collected.get("shares")?.get(name), participant)]),
    );
  const dropped = answerersOf(task, "shares", collected).filter((name) => !present.includes(name));
  return { survivors: toNames(present), dropped: toNames(dropped) };
}

async function sum(task: SumTask, collected: Collected) {
  const contributors = answerersOf(task, "masked", collected);
  assertThreshold(task, "masked", contributors);
  const dropped = answerersOf(task, "shares", collected).filter((name) => !contributors.includes(name));
  const total = new Uint32Array(ringLength(task));
  for (const name of contributors) {
    const vector = getPart(collected.get("masked")?.get(name), "vector");
    if (vector.byteLength !== total.length * 4)
      throw new SecureSumError(
        "CORRUPT_MESSAGE",
        `expected a masked vector of ${total.length * 4} bytes, came ${vector.byteLength}`,
      );
    addTo(total, ringFromBytes(vector));
    subtractFrom(total, expandMask(await reconstruct(task, collected, name), total.length));
  }
  const publicKeys = new Map(answerersOf(task, "keys", collected).map((name) => keysOf(collected, name)));
  for (const name of dropped) {
    const publicKey = getPart(publicKeys.get(name), "masking");
    const masking = { publicKey, privateKey: await reconstruct(task, collected, name) };
    for (const survivor of contributors) {
      const mask = expandMask(pairSeed(task, masking, publicKeys, survivor), total.length);
      // What the survivor did with the mask, undone.
      if (isBefore(task, survivor, name)) subtractFrom(total, mask);
      else addTo(total, mask);
    }
  }
  return { ...fromRing(task, total), contributors };
}

async function reconstruct(task: SumTask, collected: Collected, name: string): Promise<Uint8Array> {
  const shares = answerersOf(task, "unmask", collected).flatMap((from) => {
    const share = collected.get("unmask")?.get(from)?.[name];
    return share ? [new Uint8Array(share)] : [];
  });
  assertThreshold(
    task,
    "unmask",
    shares.map(() => name),
  );
  try {
    return await combine(shares.slice(0, task.threshold));
  } catch (cause) {
    throw new SecureSumError("CORRUPT_MESSAGE", `expected shares of one secret of ${name}`, { cause });
  }
}

function keysOf(collected: Collected, name: string): [string, Message] {
  return [name, collected.get("keys")?.get(name) ?? {}];
}

function readPeers(request: Message): ReadonlyMap<string, Message> {
  const names = new Set(Object.keys(request).map((part) => part.slice(0, part.lastIndexOf("/"))));
  return new Map(
    [...names].map((name) => [
      name,
      {
        sealing: getPart(request, `${name}/sealing`),
        masking: getPart(request, `${name}/masking`),
      },
    ]),
  );
}

function sealingKey(own: KeyPair, peers: ReadonlyMap<string, Message>, peer: string): Uint8Array {
  return agree(own, getPart(peers.get(peer), "sealing"), "atlas-secagg:shares");
}

function pairSeed(
  { roundId }: SumTask,
  own: KeyPair,
  peers: ReadonlyMap<string, Message>,
  peer: string,
): Uint8Array {
  return agree(own, getPart(peers.get(peer), "masking"), `atlas-secagg:mask:${roundId}`);
}

function contextOf({ roundId }: SumTask, from: string, to: string): string {
  return JSON.stringify([roundId, from, to]);
}

function isBefore({ participants }: SumTask, one: string, other: string): boolean {
  return participants.indexOf(one) < participants.indexOf(other);
}

function toNames(names: readonly string[]): Uint8Array {
  return Buffer.from(JSON.stringify(names));
}

function namesIn(request: Message, part: string): readonly string[] {
  const names: unknown = JSON.parse(Buffer.from(getPart(request, part)).toString());
  if (Array.isArray(names) && names.every((name) => typeof name === "string")) return names;
  throw new SecureSumError("CORRUPT_MESSAGE", `expected a list of names in ${part}`);
}
