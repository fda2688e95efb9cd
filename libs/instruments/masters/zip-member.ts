import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { DomainError } from '#errors';
import { archiveFile, corruptFile, fileInflates, fileLimit, truncatedFile } from '../instruments.errors.js';

/** Maximum size of a ZIP file in bytes. It is held in memory, because its list of members is at its end. */
const MAX_ZIP = 64 * 1024 * 1024;
/** Maximum number of members. Known ones have seven. */
const MAX_MEMBERS = 64;
/** Maximum decompression ratio of a member, after the first 16 MiB. */
const MAX_MEMBER_RATIO = 200;
const UNPACKED_FREELY = 16 * 1024 * 1024;
const [STORED, DEFLATED] = [0, 8];

/**
 * The bytes of one member of a ZIP file (stored or deflated), checked against its length and checksum.
 * @param choose returns the name of the wanted member, or throws
 * @throws DomainError INSTRUMENTS_FILE_*
 */
export async function* zipMember(
  source: AsyncIterable<Buffer>,
  choose: (names: readonly string[]) => string,
): AsyncGenerator<Buffer> {
  const zip = await opened(await collected(source));
  const members = await membersOf(zip);
  const names = [...members.keys()].filter((name) => !name.endsWith('/'));
  if (names.includes('[Content_Types].xml')) throw archiveFile('a spreadsheet');
  const member = members.get(choose(names))!;
  if (member.isEncrypted()) throw archiveFile('a ZIP archive with a password');
  if (![STORED, DEFLATED].includes(member.compressionMethod))
    throw archiveFile(`a ZIP archive of method ${member.compressionMethod}`);
  try {
    yield* checked(await zip.openReadStreamPromise(member), member);
  } catch (error) {
    throw asCorrupt(error);
  }
}

async function collected(source: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    if ((size += chunk.length) > MAX_ZIP) throw fileLimit('bytes as ZIP', size, MAX_ZIP);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function opened(zip: Buffer): Promise<ZipFile> {
  return fromBufferPromise(zip, { autoClose: false }).catch((error: Error) => {
    throw /^End of central directory/.test(error.message) ? truncatedFile('ZIP') : corruptFile('ZIP', error);
  });
}

async function membersOf(zip: ZipFile): Promise<Map<string, Entry>> {
  if (zip.entryCount > MAX_MEMBERS) throw fileLimit('members', zip.entryCount, MAX_MEMBERS);
  const members = new Map<string, Entry>();
  try {
    for await (const entry of zip.eachEntry()) members.set(entry.fileName, entry);
  } catch (error) {
    throw asCorrupt(error);
  }
  return members;
}

/** yauzl checks the length. */
async function* checked(bytes: AsyncIterable<unknown>, member: Entry): AsyncGenerator<Buffer> {
  let [size, sum] = [0, 0];
  for await (const chunk of bytes as AsyncIterable<Buffer>) {
    size += chunk.length;
    sum = crc32(chunk, sum);
    if (size > UNPACKED_FREELY && size > member.compressedSize * MAX_MEMBER_RATIO)
      throw fileInflates('ZIP', size, member.compressedSize, MAX_MEMBER_RATIO);
    yield chunk;
  }
  if (sum !== member.crc32) throw corruptFile('ZIP');
}

/** What yauzl and zlib throw about the file. Errors of the desk stay as they are. */
function asCorrupt(error: unknown): unknown {
  return error instanceof DomainError ? error : corruptFile('ZIP', error);
}

/** Whether a name fits a pattern of * (any characters) and ? (one), whatever its case. Takes no more than their lengths multiplied. */
export function fitsGlob(name: string, pattern: string): boolean {
  const [text, glob] = [name.toLowerCase(), pattern.toLowerCase()];
  let reached: boolean[] = Array.from({ length: text.length + 1 }, (_, at) => at === 0);
  for (const char of glob) {
    const before = reached;
    reached = [];
    for (let at = 0; at <= text.length; at++) {
      if (char === '*') reached.push(before[at]! || (at > 0 && reached[at - 1]!));
      else reached.push(at > 0 && before[at - 1]! && (char === '?' || char === text[at - 1]));
    }
  }
  return reached[text.length]!;
}
