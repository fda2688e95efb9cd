import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

/** Unpacked bytes for each packed one. Feeds and filings stay below 30, newlines in gzip reach 1,000. */
const MAX_INFLATE_RATIO = 200;
/** Bytes that may be unpacked whatever the ratio is. */
const UNPACKED_FREELY = 1_048_576;

/** A body that unpacks to far more than documents do. */
export class InflateRatioExceeded extends Error {
  readonly allowed = MAX_INFLATE_RATIO;

  constructor(
    readonly packed: number,
    readonly unpacked: number,
  ) {
    super(`${packed} bytes unpack to ${unpacked} or more.`);
    this.name = 'InflateRatioExceeded';
  }
}

export interface BoundedBody {
  body: Buffer;
  /** The body was longer, and the connection was closed instead of reading on. */
  truncated: boolean;
}

/** Sent with `decompress: true`. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

const CHUNK = 16_384;

/**
 * Reads the first `maxBytes` of a body, then destroys it, so no more is ever held in memory.
 * @throws InflateRatioExceeded; the error of a stream that fails before `maxBytes`
 */
export async function readBounded(stream: Readable, maxBytes: number): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const room = maxBytes - bytes;
    if (chunk.length > room) {
      // A copy, so that 16 KiB do not keep the 64 KiB they are part of in memory.
      if (room > 0) chunks.push(Buffer.from(chunk.subarray(0, room)));
      // Leaving the loop destroys the stream.
      return { body: Buffer.concat(chunks), truncated: true };
    }
    chunks.push(chunk);
    bytes += chunk.length;
    const packed = packedBytes(stream);
    if (bytes > UNPACKED_FREELY && packed !== undefined && bytes > packed * MAX_INFLATE_RATIO)
      throw new InflateRatioExceeded(packed, bytes);
  }
  return { body: Buffer.concat(chunks), truncated: false };
}

/** Number of bytes that a decoder has consumed. Undefined for a stream without a decoder. */
function packedBytes(stream: Readable): number | undefined {
  return (stream as { bytesWritten?: number }).bytesWritten;
}

/**
 * Decodes a stream by its Content-Encoding; returns it unchanged if that is missing or unknown. The decoder gives its output
 * in pieces and stops with its reader, so a bomb of 10 GB costs only the part that is read.
 */
export function decoded(stream: Readable, encoding: string | undefined): Readable {
  const decoder = decoderOf(encoding?.trim().toLowerCase());
  if (decoder === undefined) return stream;
  stream.on('error', (error) => decoder.destroy(error));
  decoder.on('close', () => stream.destroy());
  return stream.pipe(decoder);
}

function decoderOf(encoding: string | undefined) {
  if (encoding === 'gzip' || encoding === 'x-gzip') return createGunzip({ chunkSize: CHUNK });
  if (encoding === 'deflate') return createInflate({ chunkSize: CHUNK });
  return encoding === 'br' ? createBrotliDecompress({ chunkSize: CHUNK }) : undefined;
}
