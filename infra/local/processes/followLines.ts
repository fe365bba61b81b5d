/** Hands over what is appended to a file, line by line. */
import { closeSync, fstatSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

const everyMs = 100;

/** Follows an open file from where it ends now; what it answers stops that, after a last look, and closes the file. */
export function followLines(fd: number, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder("utf8");
  const buffer = Buffer.alloc(64 * 1024);
  let offset = fstatSync(fd).size;
  let rest = "";
  const timer = setInterval(read, everyMs);

  function read(): void {
    for (;;) {
      const length = readSync(fd, buffer, 0, buffer.length, offset);
      if (length === 0) return;
      offset += length;
      const lines = (rest + decoder.write(buffer.subarray(0, length))).split("\n");
      rest = lines.pop() ?? "";
      lines.forEach(onLine);
    }
  }

  return () => {
    clearInterval(timer);
    read();
    if (rest !== "") onLine(rest);
    closeSync(fd);
  };
}
