/** The router's zone over UDP. */
import { createSocket } from "node:dgram";
import { answerDns, type Zone } from "./answerDns.ts";
import { codes, readQuery, writeReply } from "./dnsMessage.ts";

export type DnsServer = { readonly port: number; readonly close: () => Promise<void> };

/** `port` 0 lets the system choose. Rejects when the port is taken. */
export async function serveDns(
  zone: Zone,
  { host, port }: { host: string; port: number },
): Promise<DnsServer> {
  const socket = createSocket("udp4");
  socket.on("message", (message, { address, port: from }) => {
    const query = readQuery(message);
    // What is no query gets no answer: to answer it would serve those who forge addresses.
    if (query === null) return;
    const reply = query.opcode === 0 ? answerDns(query.question, zone) : { code: codes.NOTIMP, records: [] };
    socket.send(writeReply(query, reply), from, address);
  });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(port, host, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  // A client that is gone makes the next send fail; the others go on.
  socket.on("error", () => undefined);
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}
