import { createHash, type Hash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { Readable, pipeline } from 'node:stream';
import { withTimeout } from '#resilience';
import {
  corruptFile,
  emptyFile,
  fileInflates,
  fileLimit,
  fileTooLarge,
  htmlFile,
  lineTooLong,
  memberNotFound,
  sourceBroken,
  sourceStalled,
  truncatedFile,
  wrongEncoding,
} from '../instruments.errors.js';
import type { MasterMapping } from './master-mapping.js';
import { Turns } from './turns.js';
import { fitsGlob, zipMember } from './zip-member.js';

/** Limits for reading a source. */
export interface MasterLimits {
  /** Maximum number of bytes after decompression. Stops a gzip bomb. */
  maxBytes: number;
  /** Maximum length of a line. JSON has no lines: there the length of an element is limited (json-scanner). */
  maxLineBytes: number;
  /** Maximum time in ms during which the source sends nothing. */
  idleMs: number;
}

/** What a mapping says of a file as a whole. */
export type MasterFile = Pick<MasterMapping, 'encoding' | 'member'>;

const [LF, CR] = [0x0a, 0x0d];
const LATIN1 = { iconv: 'ISO-8859-1', mapping: 'latin1' };
const UTF16 = { iconv: 'UTF-16LE', mapping: 'utf-16' };
/**
 * Size in bytes of one unit of work. A piece of this size is read in some 3 ms, even if each of its lines is broken.
 */
const PIECE = 8 * 1024;
/** Maximum decompression ratio. Masters compress 5 to 10 times, generated ones 25 times, and newlines 1,000 times. */
const MAX_INFLATE_RATIO = 100;
/**
 * Maximum number of blank bytes before the first text. Readers buffer them, because they need the first text to detect
 * the format.
 */
const MAX_BLANK = 65_536;
/** Number of bytes that are decompressed whatever the ratio is. */
const UNPACKED_FREELY = 16 * 1024 * 1024;

/** Decodes the bytes of a master. Detects gzip and ZIP by their first bytes, and refuses files that are not masters. */
export class MasterText {
  /** Bytes read from the source so far, before decompression. */
  bytes = 0;
  /** The member of the ZIP file that is read. Known with the first piece of text. */
  member: string | undefined;
  private readonly hash: Hash = createHash('sha256');
  private readonly turns = new Turns();

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly limits: MasterLimits,
    private readonly file: MasterFile = {},
    /** Chooses a member of a ZIP file with several if the mapping names none. */
    private readonly memberOf: (names: readonly string[]) => string | undefined = () => undefined,
  ) {}

  /** Digest of the source as received. Complete once the source has been read. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** @throws DomainError INSTRUMENTS_FILE_* and INSTRUMENTS_SOURCE_* */
  async *chunks(): AsyncGenerator<string> {
    const raw = this.watched();
    const head = await firstBytes(raw, 4);
    if (head.length === 0) throw emptyFile();
    const whole = prepended(head, raw);
    const isZip = head[0] === 0x50 && head[1] === 0x4b && head[2]! <= 8;
    const isGzip = head[0] === 0x1f && head[1] === 0x8b;
    const bytes = isZip ? zipMember(whole, (names) => this.chosen(names)) : isGzip ? gunzipped(whole) : whole;
    const start = await firstBytes(bytes, 4);
    const text = prepended(start, bytes);
    yield* this.decoded(pieces(this.isUtf16(start) ? fromUtf16(text, start) : text), isZip);
  }

  private chosen(names: readonly string[]): string {
    const { member } = this.file;
    const fitting = member === undefined ? names : names.filter((name) => fitsGlob(name, member));
    this.member = fitting.length === 1 ? fitting[0] : member === undefined ? this.memberOf(names) : undefined;
    if (this.member === undefined) throw memberNotFound(member, fitting.length, names);
    return this.member;
  }

  /** @throws DomainError INSTRUMENTS_FILE_ENCODING for UTF-16 that neither a mark nor the mapping announces */
  private isUtf16(start: Buffer): boolean {
    const [a, b] = start;
    const marked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
    if (marked || this.file.encoding === 'utf-16') return true;
    const unmarked = start.length >= 4 && ((a === 0 && start[2] === 0) || (b === 0 && start[3] === 0));
    if (unmarked) throw wrongEncoding('UTF-8', 'it looks like UTF-16', UTF16);
    return false;
  }

  private async *watched(): AsyncGenerator<Buffer> {
    const source = this.source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await this.inTime(source.next());
        if (next.done) return;
        const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
        this.bytes += chunk.length;
        this.hash.update(chunk);
        yield chunk;
      }
    } finally {
      // Not awaited: a source that hangs in a read never answers and would hang its reader.
      void Promise.resolve(source.return?.()).catch(() => undefined);
    }
  }

  private inTime<T>(read: Promise<T>): Promise<T> {
    const { idleMs } = this.limits;
    const typed = read.catch((cause: unknown) =>
      Promise.reject(cause instanceof Error && cause.name === 'DomainError' ? cause : sourceBroken(cause)),
    );
    return withTimeout(typed, idleMs, (): never => {
      throw sourceStalled(idleMs);
    });
  }

  private async *decoded(bytes: AsyncIterable<Buffer>, isZip: boolean): AsyncGenerator<string> {
    const decoder = new TextDecoder(this.file.encoding === 'latin1' ? 'windows-1252' : 'utf-8', { fatal: true });
    // JSON has no lines, and many brokers write it on one.
    let hasLines = true;
    let line = 1;
    let lineBytes = 0;
    let total = 0;
    let blank = true;
    for await (const chunk of bytes) {
      if ((total += chunk.length) > this.limits.maxBytes) throw fileTooLarge(this.limits.maxBytes);
      if (!isZip && total > UNPACKED_FREELY && total > this.bytes * MAX_INFLATE_RATIO)
        throw fileInflates('gzip', total, this.bytes, MAX_INFLATE_RATIO);
      const lineAtStart = line;
      for (let from = 0; ; line++) {
        const end = chunk.indexOf(LF, from);
        lineBytes += (end < 0 ? chunk.length : end) - from;
        if (end < 0 && chunk.length > from) {
          const bare = chunk.lastIndexOf(CR);
          if (bare >= from) lineBytes = chunk.length - bare - 1;
        }
        if (hasLines && lineBytes > this.limits.maxLineBytes) throw lineTooLong(line, this.limits.maxLineBytes);
        if (end < 0) break;
        lineBytes = 0;
        from = end + 1;
      }
      const text = decode(decoder, chunk, lineAtStart);
      if (blank && text.trimStart() !== '') {
        blank = false;
        const start = text.replace(/^[\s\uFEFF]+/, '');
        if (start.startsWith('<')) throw htmlFile(start);
        hasLines = !/^[[{]/.test(start);
      } else if (blank && total > MAX_BLANK) throw fileLimit('blank bytes', total, MAX_BLANK, ' at its start');
      yield text;
      await this.turns.give();
    }
    decode(decoder, undefined, line);
    if (blank) throw emptyFile();
  }
}

async function firstBytes(source: AsyncGenerator<Buffer>, count: number): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  while (head.length < count) {
    const next = await source.next();
    if (next.done) break;
    head = head.length === 0 ? next.value : Buffer.concat([head, next.value]);
  }
  return head;
}

async function* prepended(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield head;
    yield* rest;
  } finally {
    void rest.return(undefined);
  }
}

/** Splits large writes, so that the line guard and the decoder work on pieces that fit the processor's cache. */
async function* pieces(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += PIECE) yield chunk.subarray(at, at + PIECE);
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: 64 * 1024 });
  // Errors of either side surface in the loop below. The callback only keeps them from being unhandled.
  pipeline(Readable.from(packed, { objectMode: false }), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    if (code === 'Z_BUF_ERROR') throw truncatedFile('gzip', cause);
    if (code?.startsWith('Z_')) throw corruptFile('gzip', cause);
    throw cause;
  }
}

/** Text in UTF-16 as UTF-8. Without a mark, its first character tells the order of the bytes, because it is ASCII. */
async function* fromUtf16(bytes: AsyncIterable<Buffer>, start: Buffer): AsyncGenerator<Buffer> {
  const bigEndian = start[0] === 0 || (start[0] === 0xfe && start[1] === 0xff);
  const decoder = new TextDecoder(bigEndian ? 'utf-16be' : 'utf-16le', { fatal: true });
  const decoded = (chunk?: Buffer) => {
    try {
      return Buffer.from(decoder.decode(chunk, { stream: chunk !== undefined }));
    } catch {
      throw wrongEncoding('UTF-16', 'it has half a character', LATIN1);
    }
  };
  for await (const chunk of bytes) yield decoded(chunk);
  yield decoded();
}

function decode(decoder: TextDecoder, chunk: Buffer | undefined, line: number): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw wrongEncoding(
      'UTF-8',
      `there is a byte sequence that is none in ${chunk ? `line ${badLine(chunk, line)}` : 'its last character'} (ISO-8859-1 or Windows-1252?)`,
      LATIN1,
    );
  }
}

/** Finds the first line of the chunk that cannot be decoded. */
function badLine(chunk: Buffer, firstLine: number): number {
  const strict = new TextDecoder('utf-8', { fatal: true });
  let line = firstLine;
  for (let from = 0; from < chunk.length; line++) {
    const end = chunk.indexOf(LF, from);
    try {
      strict.decode(chunk.subarray(from, end < 0 ? chunk.length : end));
    } catch {
      if (from > 0 || line > firstLine || firstLine === 1) return line;
    }
    if (end < 0) break;
    from = end + 1;
  }
  return line;
}
