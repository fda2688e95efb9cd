import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { sameHash, tokenHash } from './opaque-token.js';

const SHAPE = /^dwr_[A-Za-z0-9_-]{43}$/;

/** Whether text has the form of a refresh token; an access token never has. */
export function isRefreshToken(token: string): boolean {
  return SHAPE.test(token);
}

/**
 * Creates refresh tokens: 256 bits that mean nothing without the database, which stores only their SHA-256. The first one
 * of a login is random. A successor is an HMAC of the token it replaces, so any process can return the same successor
 * again after a lost answer without storing it. Nobody can derive a successor without the key of the server.
 */
export class RefreshTokens {
  readonly #keys: readonly Buffer[];

  /** @param secrets JWT_SECRET_KEY, which new successors are derived with, then those of JWT_VERIFY_KEYS */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) =>
      // A separate key, because JWT_SECRET_KEY signs access tokens. PEM is normalised, so one key has one spelling.
      Buffer.from(hkdfSync('sha256', secret.replaceAll('\\n', '\n').trim(), '', 'deskwire refresh successor', 32)),
    );
  }

  /** The first refresh token of a login. */
  first(): string {
    return written(randomBytes(32));
  }

  /** The token that replaces this one; the same token and key always give the same successor. */
  successorOf(token: string): string {
    return derived(this.#keys[0]!, token);
  }

  /**
   * Derives the successors of a token one after another.
   * @param hashes hashes of its successors, oldest first
   * @returns the last of them, or undefined if one was derived with a key that has been removed
   */
  follow(token: string, hashes: readonly Buffer[]): string | undefined {
    let current = token;
    for (const hash of hashes) {
      const next = this.#keys.map((key) => derived(key, current)).find((one) => sameHash(tokenHash(one), hash));
      if (next === undefined) return undefined;
      current = next;
    }
    return current;
  }
}

function derived(key: Buffer, token: string): string {
  return written(createHmac('sha256', key).update(token).digest());
}

function written(bytes: Buffer): string {
  return `dwr_${bytes.toString('base64url')}`;
}
