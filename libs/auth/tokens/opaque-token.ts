import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';

/** SHA-256 of a random token. A token of 256 random bits needs no salt and no slow hash. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares two hashes in constant time. */
export function sameHash(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

const API_KEY = /^dwk_([0-9a-f]{12})_([0-9a-f]{64})([0-9a-f]{8})$/;

/** `dwk_<prefix>_<secret>`. The prefix identifies the row and is shown in lists; the last 8 digits are a CRC-32 of the rest. */
export function newApiKey(): { key: string; prefix: string } {
  const prefix = randomBytes(6).toString('hex');
  const body = `dwk_${prefix}_${randomBytes(32).toString('hex')}`;
  return { key: body + checksum(body), prefix };
}

/** The prefix of a well-formed key. The checksum spares the database mistyped keys and noise; it proves nothing. */
export function apiKeyPrefix(token: string): string | undefined {
  const parts = API_KEY.exec(token);
  if (parts === null || checksum(token.slice(0, -8)) !== parts[3]) return undefined;
  return parts[1];
}

function checksum(body: string): string {
  return crc32(body).toString(16).padStart(8, '0');
}
