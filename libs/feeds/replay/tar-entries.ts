export interface TarEntry {
  name: string;
  content: Buffer;
}

const BLOCK = 512;
const FILE = new Set(['0', '\0']);

/** The files of a tar archive (ustar): enough for what was recorded; links, folders and long-name extensions are passed over. */
export function tarEntries(archive: Buffer): TarEntry[] {
  const entries: TarEntry[] = [];
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    const name = text(header, 0, 100);
    if (name === '') break;
    const size = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    const begin = at + BLOCK;
    if (Number.isNaN(size) || begin + size > archive.length)
      throw new RangeError(`The archive is damaged or cut off at ${JSON.stringify(name)}.`);
    const prefix = text(header, 345, 155);
    if (FILE.has(String.fromCharCode(header[156]!)))
      entries.push({
        name: prefix === '' ? name : `${prefix}/${name}`,
        content: archive.subarray(begin, begin + size),
      });
    at = begin + Math.ceil(size / BLOCK) * BLOCK;
  }
  return entries;
}

function text(header: Buffer, at: number, length: number): string {
  const field = header.subarray(at, at + length);
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? length : end).toString();
}
