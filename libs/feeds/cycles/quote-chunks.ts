import { DomainError } from '#errors';
import type { ItemWarning } from '../sources/feed-source.js';

/** How chunks of keys are requested. */
export interface ChunkRequests {
  /** Keeps the lease of the source. Called before each request but the first. */
  renew(): Promise<void>;
  /** Requests keys and reads the answer. */
  read(keys: readonly string[]): Promise<void>;
}

/** Keys of a refused chunk that may be refused alone before the others are given up: then it is not about one key. */
const IN_VAIN = 3;
/** Statuses that are about what was asked for, and not about the caller or the state of the server. */
const OF_KEYS = new Set([400, 404, 406, 409, 410, 413, 414, 422, 500]);
const UNREADABLE = new Set(['FEEDS_NOT_A_FEED', 'FEEDS_ERROR_PAGE', 'FEEDS_DOCUMENT_LIMIT']);

/**
 * Requests chunks of keys. One that is refused is requested key by key, at the pace of the host: one unknown key must not cost the
 * prices of the others. A refusal that is not about keys ends the cycle, as does one of every chunk.
 * @param found gets a warning for each key that was refused
 * @throws the first refusal, if no key was read; any other failure
 */
export async function readInChunks(
  chunks: readonly (readonly string[])[],
  found: { warnings: ItemWarning[]; unreadable: number },
  requests: ChunkRequests,
): Promise<void> {
  const refusals: unknown[] = [];
  for (const [index, keys] of chunks.entries()) {
    if (index > 0) await requests.renew();
    try {
      await requests.read(keys);
    } catch (error) {
      if (keys.length === 0 || !isOfKeys(error)) throw error;
      if (keys.length > 1 && (await readOneByOne(keys, found, requests))) continue;
      refusals.push(error);
      found.warnings.push({
        item: keys.length === 1 ? keys[0]! : `${keys.length} keys from ${keys[0]}`,
        reason: reasonOf(error),
      });
      found.unreadable += keys.length;
    }
  }
  if (refusals.length > 0 && refusals.length === chunks.length) throw refusals[0];
}

/** @returns whether a key was read */
async function readOneByOne(
  keys: readonly string[],
  found: { warnings: ItemWarning[]; unreadable: number },
  requests: ChunkRequests,
): Promise<boolean> {
  const refused: ItemWarning[] = [];
  for (const [index, key] of keys.entries()) {
    await requests.renew();
    try {
      await requests.read([key]);
    } catch (error) {
      if (!isOfKeys(error)) throw error;
      refused.push({ item: key, reason: reasonOf(error) });
      if (refused.length === index + 1 && refused.length === Math.min(IN_VAIN, keys.length)) return false;
    }
  }
  found.warnings.push(...refused);
  found.unreadable += refused.length;
  return true;
}

/** Whether other keys may fare better: the server refused this request, or its answer could not be read. */
function isOfKeys(error: unknown): boolean {
  if (!(error instanceof DomainError)) return false;
  return error.code === 'FEEDS_HTTP_STATUS'
    ? OF_KEYS.has((error as { status?: number }).status ?? 0)
    : UNREADABLE.has(error.code);
}

const reasonOf = (error: unknown) => (error as Error).message;
