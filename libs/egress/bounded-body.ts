import type { Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';

export interface BoundedBody {
  body: Buffer;
  /** There was more: the connection was cut instead of reading it. */
  truncated: boolean;
}

/** What decompress: true asks for. */
export const ACCEPTED_ENCODINGS = 'gzip, deflate, br';

const CHUNK = 16_384;

/**
 * The first `maxBytes` of a body, then it is destroyed: however much the other side sends, so much is held.
 * @throws what the stream failed with, before `maxBytes` were there
 */
export async function readBounded(stream: Readable, maxBytes: number): Promise<BoundedBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const room = maxBytes - bytes;
    if (chunk.length > room) {
      // A copy, so that 16 KiB do not hold on to the 64 KiB they were cut from.
      if (room > 0) chunks.push(Buffer.from(chunk.subarray(0, room)));
      // Leaving the loop destroys the stream.
      return { body: Buffer.concat(chunks), truncated: true };
    }
    chunks.push(chunk);
    bytes += chunk.length;
  }
  return { body: Buffer.concat(chunks), truncated: false };
}

/**
 * The stream decoded as Content-Encoding says, itself when that is none or unknown. The decoder gives its output in pieces and
 * stops with its reader: a bomb of 10 GB costs what is read of it.
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
