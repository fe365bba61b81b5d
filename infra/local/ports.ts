/** The one list of ports. Each is where a part listens by preference; `findFreePort` moves it when it is taken. */
import { createServer } from "node:net";

export const ports = {
  gateway: 4000,
  regions: 4001,
  intelligence: 4002,
  ml: 4003,
  compliance: 4004,
  mobile: 4005,
  issuer: 4010,
  postgres: 4032,
} as const;

export type PartName = keyof typeof ports;
export type Ports = Readonly<Record<PartName, number>>;

/** A port for every part, all different, each the preferred one or the next that is free. */
export async function findFreePorts(preferred: Ports = ports): Promise<Ports> {
  const taken = new Set<number>();
  const found: Record<PartName, number> = { ...preferred };
  for (const [name, port] of Object.entries(preferred) as [PartName, number][]) {
    // The list is walked in order so that a moved port cannot land on one that a later part has already got.
    const others = new Set(Object.values(preferred).filter((other) => other !== port));
    found[name] = await findFreePort(port, new Set([...taken, ...others]));
    taken.add(found[name]);
  }
  return found;
}

/** The first free port from `preferred` upwards, on loopback. */
export async function findFreePort(
  preferred: number,
  except: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let port = preferred; port < preferred + 200; port += 1) {
    if (!except.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`No free port from ${preferred} to ${preferred + 199} on 127.0.0.1.`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}
