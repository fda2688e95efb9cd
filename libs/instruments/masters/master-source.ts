import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { sourceBroken } from '../instruments.errors.js';

/** Maximum time in ms until a server begins its answer. */
const CONNECT_MS = 30_000;

/**
 * Opens a master in a file, at an http(s) URL, or on standard input (`-`).
 * Only for the operator of the process. It allows every address, so never pass a URL received over the network.
 * @throws DomainError INSTRUMENTS_SOURCE_BROKEN
 */
export async function openMaster(where: string): Promise<AsyncIterable<Uint8Array>> {
  if (where === '-') return process.stdin;
  if (!/^https?:\/\//i.test(where)) return createReadStream(where);
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), CONNECT_MS);
  try {
    const response = await fetch(where, { signal: abort.signal });
    if (!response.ok || !response.body)
      throw sourceBroken(new Error(`${new URL(where).host} answered ${response.status}`));
    return Readable.fromWeb(response.body as never);
  } catch (error) {
    throw error instanceof Error && error.name === 'DomainError' ? error : sourceBroken(error);
  } finally {
    clearTimeout(timer);
  }
}
