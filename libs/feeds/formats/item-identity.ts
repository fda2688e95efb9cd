import { createHash } from 'node:crypto';

/** 16 bytes of SHA-256 over separated parts. */
export function identityOf(...parts: (string | null)[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16);
}
