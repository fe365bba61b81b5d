/**
 * GDELT's lists of files: `lastupdate.txt` names the newest of each kind, `masterfilelist.txt` beside it all there ever
 * were. A line has size, MD5 and address of a file, whose name begins with its moment (UTC).
 */
export type GdeltFile = {
  readonly bytes: number;
  readonly md5: string;
  readonly url: string;
  /** YYYYMMDDHHMMSS. */
  readonly at: string;
};

const line = /^(\d{1,12}) ([0-9a-f]{32}) (https?:\/\/\S{1,500}\/(\d{14})\.(\S+))$/;

/** Files whose name ends so, the oldest first. Lines that are none of these are left out. */
export function parseGdeltList(text: string, ending: string): readonly GdeltFile[] {
  const files = text.split("\n").flatMap((one) => {
    const [, bytes = "", md5 = "", url = "", at = "", rest] = line.exec(one.trim()) ?? [];
    return rest === ending ? [{ bytes: Number(bytes), md5, url, at }] : [];
  });
  return files.sort((one, other) => one.at.localeCompare(other.at));
}

/** Whether files may stand between the two moments: they come every 15 minutes. */
export function isApart(from: string, to: string): boolean {
  return toMs(to) - toMs(from) > 15 * 60_000;
}

function toMs(at: string): number {
  return Date.parse(at.replace(/^(....)(..)(..)(..)(..)(..)$/, "$1-$2-$3T$4:$5:$6Z"));
}
