import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { sameHash, tokenHash } from './opaque-token.js';

const SHAPE = /^dwr_[A-Za-z0-9_-]{43}$/;

/** Whether text has the form of a refresh token; an access token never has. */
export function isRefreshToken(token: string): boolean {
  return SHAPE.test(token);
}

/**
 * Makes refresh tokens: 256 bits that mean nothing without the database, which keeps only their SHA-256. The first one of
 * a login is random. A successor is an HMAC of the token it replaces, so whoever shows that token can be given the same
 * successor again after a lost answer, by any process, and no token is stored. Without the server's key a token leads
 * nowhere.
 */
export class RefreshTokens {
  readonly #keys: readonly Buffer[];

  /** @param secrets JWT_SECRET_KEY, which new successors are derived with, then those of JWT_VERIFY_KEYS */
  constructor(secrets: readonly string[]) {
    this.#keys = secrets.map((secret) =>
      // A key of its own: JWT_SECRET_KEY signs access tokens, and one key never serves two uses. PEM is spelled one way.
      Buffer.from(hkdfSync('sha256', secret.replaceAll('\\n', '\n').trim(), '', 'deskwire refresh successor', 32)),
    );
  }

  /** The first refresh token of a login. */
  first(): string {
    return written(randomBytes(32));
  }

  /** The token that replaces this one: always the same for the same token and key. */
  successorOf(token: string): string {
    return derived(this.#keys[0]!, token);
  }

  /**
   * Derives the successors of a token one after another.
   * @param hashes those of its successors, oldest first
   * @returns the last of them; undefined if one was derived with a key that is not here any more
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
