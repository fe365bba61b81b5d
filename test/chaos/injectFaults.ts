/** What goes wrong in a run: one thing after the other with regions, another with links, both from the seed. */
import { setTimeout as delay } from "node:timers/promises";
import type { LinkFault } from "../support/mesh/startLink.ts";
import type { Mesh } from "../support/mesh/startMesh.ts";
import type { DatabaseNode } from "../support/mesh/startNode.ts";
import type { History } from "./history.ts";
import { createRandom, type Random } from "./random.ts";

/** The furthest that a stamp may be ahead in a run: clocks are turned by less and by more. */
export const skewMsMax = 5_000;

export type FaultOptions = {
  readonly seed: number;
  readonly durationMs: number;
  /** The region whose disk the run takes away; it has a standby. */
  readonly wiped: string;
  readonly onRebuilt: (region: string) => Promise<void>;
  readonly setServing: (region: string, isServing: boolean) => void;
};

/** Resolves when the last fault is over; answers what was done, in words. */
export async function injectFaults(
  mesh: Mesh,
  history: History,
  options: FaultOptions,
): Promise<readonly string[]> {
  const told: string[] = [];
  const startedAt = performance.now();
  const tell = (text: string): void => {
    told.push(`${((performance.now() - startedAt) / 1_000).toFixed(1)} s ${text}`);
  };
  await Promise.all([breakRegions(mesh, history, options, tell), breakLinks(mesh, options, tell)]);
  return told;
}

type Tell = (text: string) => void;

async function breakRegions(mesh: Mesh, history: History, options: FaultOptions, tell: Tell): Promise<void> {
  const { seed, durationMs, wiped, setServing, onRebuilt } = options;
  const random = createRandom(seed + 1);
  const wipesAt = performance.now() + random.between(0.2, 0.5) * durationMs;
  let isWiped = false;
  for (const end = performance.now() + durationMs; performance.now() < end; ) {
    await delay(random.between(300, 1_200));
    if (!isWiped && performance.now() > wipesAt) {
      isWiped = true;
      await wipe(mesh, history, mesh.getNode(wiped), {
        setServing,
        onRebuilt,
        tell,
        downMs: random.between(500, 2_000),
      });
      continue;
    }
    const node = random.pick(mesh.nodes);
    const region = node.member.region;
    const lastsMs = random.between(500, 2_500);
    const kind = random.pick(["kill", "kill", "clock", "poison"] as const);
    tell(`${kind} ${region} for ${lastsMs.toFixed(0)} ms`);
    if (kind === "kill") {
      setServing(region, false);
      await node.kill();
      await delay(lastsMs);
      await node.start();
      setServing(region, true);
    } else if (kind === "clock") {
      await turnClock(node, random.pick([-20_000, 2_000, skewMsMax + 3_000]));
      await delay(lastsMs);
      await turnClock(node, 0);
    } else {
      await refusePoison(node);
      await delay(lastsMs);
    }
  }
}

async function wipe(
  mesh: Mesh,
  history: History,
  node: DatabaseNode,
  {
    setServing,
    onRebuilt,
    tell,
    downMs,
  }: Pick<FaultOptions, "setServing" | "onRebuilt"> & { tell: Tell; downMs: number },
): Promise<void> {
  const { region } = node.member;
  tell(`kill ${region} and take its disk for ${downMs.toFixed(0)} ms`);
  setServing(region, false);
  const [self] = await node.query<{ origin: string }>("SELECT origin FROM replication.self");
  await node.kill();
  if (self !== undefined) history.lostLives.add(self.origin);
  await delay(downMs);
  await rebuildPatiently(mesh, node);
  await onRebuilt(region);
  setServing(region, true);
  tell(`${region} is rebuilt`);
}

/** Links break meanwhile, so it may take some attempts. */
async function rebuildPatiently(mesh: Mesh, node: DatabaseNode): Promise<void> {
  for (const deadline = performance.now() + 120_000; ; await delay(300)) {
    try {
      await mesh.rebuild(node.member.region);
      return;
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
  }
}

export async function turnClock(node: DatabaseNode, offsetMs: number): Promise<void> {
  await node.query("UPDATE replication.self SET clock_offset_ms = $1, skew_ms_max = $2", [
    offsetMs,
    skewMsMax,
  ]);
}

/** From here on the region refuses rows that the others take. */
async function refusePoison(node: DatabaseNode): Promise<void> {
  await node
    .query(
      "ALTER TABLE intelligence.risk_assessment ADD CONSTRAINT no_poison CHECK (title NOT LIKE 'poison%') NOT VALID",
    )
    .catch(() => undefined);
}

async function breakLinks(mesh: Mesh, { seed, durationMs }: FaultOptions, tell: Tell): Promise<void> {
  const random = createRandom(seed + 2);
  for (const end = performance.now() + durationMs; performance.now() < end; ) {
    await delay(random.between(200, 1_000));
    const lastsMs = random.between(300, 3_000);
    const { name, fault, links } = pickLinkFault(mesh, random);
    tell(`${name} for ${lastsMs.toFixed(0)} ms`);
    for (const link of links) link.fail(fault);
    await delay(lastsMs);
    for (const link of links) link.fail(undefined);
  }
}

function pickLinkFault(mesh: Mesh, random: Random) {
  const regions = mesh.nodes.map(({ member }) => member.region);
  const from = random.pick(regions);
  const to = random.pick(regions.filter((one) => one !== from));
  const link = mesh.getLink(from, to);
  const paused = { kind: "paused", forth: true, back: true } as const;
  const faults: readonly { name: string; fault: LinkFault; links: (typeof link)[] }[] = [
    { name: `cut ${from} → ${to}`, fault: { kind: "cut" }, links: [link] },
    { name: `pause ${from} → ${to}`, fault: paused, links: [link] },
    { name: `no changes ${from} → ${to}`, fault: { ...paused, forth: false }, links: [link] },
    { name: `no confirmations ${to} → ${from}`, fault: { ...paused, back: false }, links: [link] },
    {
      name: `slow ${from} → ${to}`,
      fault: { kind: "slow", delayMs: random.between(20, 300) },
      links: [link],
    },
    {
      name: `isolate ${from}`,
      fault: random.pick([{ kind: "cut" }, paused] as const),
      links: regions
        .filter((one) => one !== from)
        .flatMap((one) => [mesh.getLink(from, one), mesh.getLink(one, from)]),
    },
    {
      name: `${from} hears nobody`,
      fault: { ...paused, forth: false },
      links: regions.filter((one) => one !== from).map((one) => mesh.getLink(one, from)),
    },
  ];
  return random.pick(faults);
}
