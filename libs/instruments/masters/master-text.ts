import { createHash, type Hash } from 'node:crypto';
import { TextDecoder } from 'node:util';
import { createGunzip } from 'node:zlib';
import { Readable, pipeline } from 'node:stream';
import { withTimeout } from '#resilience';
import {
  archiveFile,
  corruptGzip,
  emptyFile,
  fileTooLarge,
  htmlFile,
  lineTooLong,
  sourceBroken,
  sourceStalled,
  truncatedGzip,
  wrongEncoding,
} from '../instruments.errors.js';

/** What the reading of a source may cost. */
export interface MasterLimits {
  /** Unpacked, so that a gzip bomb ends here. */
  maxBytes: number;
  maxLineBytes: number;
  /** How long the source may send nothing. */
  idleMs: number;
}

const LF = 0x0a;
const CHUNK = 64 * 1024;

/** The bytes of a master as text: plain or gzip told apart by their first bytes, and everything that is no master refused. */
export class MasterText {
  /** Bytes read from the source so far (packed, if it is gzip). */
  bytes = 0;
  private readonly hash: Hash = createHash('sha256');

  constructor(
    private readonly source: AsyncIterable<Uint8Array>,
    private readonly limits: MasterLimits,
  ) {}

  /** Of the source as it came; ask once it has been read. */
  sha256(): string {
    return this.hash.digest('hex');
  }

  /** @throws DomainError INSTRUMENTS_FILE_* and INSTRUMENTS_SOURCE_* */
  async *chunks(): AsyncGenerator<string> {
    const raw = this.watched();
    const head = await firstBytes(raw, 4);
    if (head.length === 0) throw emptyFile();
    if (head[0] === 0x50 && head[1] === 0x4b && head[2]! <= 8) throw archiveFile('a ZIP archive or a spreadsheet');
    const whole = prepended(head, raw);
    yield* this.decoded(head[0] === 0x1f && head[1] === 0x8b ? gunzipped(whole) : whole);
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
      // Not awaited: a source that hangs in a read never answers, and must not hang its reader.
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

  private async *decoded(bytes: AsyncIterable<Buffer>): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8', { fatal: true });
    let line = 1;
    let lineBytes = 0;
    let total = 0;
    let blank = true;
    for await (const chunk of bytes) {
      if (total === 0) refuseUtf16(chunk);
      if ((total += chunk.length) > this.limits.maxBytes) throw fileTooLarge(this.limits.maxBytes);
      const lineAtStart = line;
      for (let from = 0; ; line++) {
        const end = chunk.indexOf(LF, from);
        lineBytes += (end < 0 ? chunk.length : end) - from;
        if (lineBytes > this.limits.maxLineBytes) throw lineTooLong(line, this.limits.maxLineBytes);
        if (end < 0) break;
        lineBytes = 0;
        from = end + 1;
      }
      const text = decode(decoder, chunk, lineAtStart);
      if (blank && text.trimStart() !== '') {
        blank = false;
        if (text.trimStart().startsWith('<')) throw htmlFile(text.trimStart());
      }
      yield text;
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
    // Large writes arrive whole; the line guard and the decoder work on pieces that stay in the processor's cache.
    for (let at = 0; at < head.length; at += CHUNK) yield head.subarray(at, at + CHUNK);
    for await (const chunk of rest)
      for (let at = 0; at < chunk.length; at += CHUNK) yield chunk.subarray(at, at + CHUNK);
  } finally {
    void rest.return(undefined);
  }
}

async function* gunzipped(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gunzip = createGunzip({ chunkSize: CHUNK });
  // Errors of either side surface in the loop below; the callback only keeps them from being unhandled.
  pipeline(Readable.from(packed, { objectMode: false }), gunzip, () => undefined);
  try {
    for await (const chunk of gunzip) yield chunk as Buffer;
  } catch (cause) {
    const code = (cause as { code?: string }).code;
    if (code === 'Z_BUF_ERROR') throw truncatedGzip(cause);
    if (code?.startsWith('Z_')) throw corruptGzip(cause);
    throw cause;
  }
}

function refuseUtf16(chunk: Buffer): void {
  const [a, b] = chunk;
  const marked = (a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff);
  const unmarked = chunk.length >= 4 && ((a === 0 && chunk[2] === 0) || (b === 0 && chunk[3] === 0));
  if (marked || unmarked) throw wrongEncoding('it looks like UTF-16');
}

function decode(decoder: TextDecoder, chunk: Buffer | undefined, line: number): string {
  try {
    return decoder.decode(chunk, { stream: chunk !== undefined });
  } catch {
    throw wrongEncoding(
      `there is a byte sequence that is none in ${chunk ? `line ${badLine(chunk, line)}` : 'its last character'} (ISO-8859-1 or Windows-1252?)`,
    );
  }
}

/** The first line of the chunk that does not decode by itself. */
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
