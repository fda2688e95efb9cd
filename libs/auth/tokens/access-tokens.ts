import { Refusal } from '../refusal.js';
import { readHeader } from './compact-token.js';
import type { JwtKeyRing } from './jwt-key-ring.js';
import { type Expectations, LEEWAY_SECONDS } from './jwt-key.js';

/** The claims of a verified access token. */
export interface AccessClaims {
  userId: string;
  loginId: string;
  /** Milliseconds since the epoch, without the leeway. */
  expiresAt: number;
}

/** The answer to login and refresh. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Life of the access token, seconds. */
  expiresIn: number;
  tokenType: 'Bearer';
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Issues and verifies access tokens. They hold no roles; roles are read from the database, so a demotion applies within 2 s. */
export class AccessTokens {
  constructor(
    private readonly ring: JwtKeyRing,
    private readonly expected: Expectations,
    private readonly lifeSeconds: number,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Issues an access token for the login and returns it with the given refresh token. */
  async issue(userId: string, loginId: string, refreshToken: string): Promise<TokenPair> {
    const now = Math.floor(this.clock() / 1000);
    const accessToken = await this.ring.signing.sign({
      sub: userId,
      sid: loginId,
      token_use: 'access',
      iss: this.expected.issuer,
      aud: this.expected.audience,
      iat: now,
      nbf: now,
      exp: now + this.lifeSeconds,
    });
    return { accessToken, refreshToken, expiresIn: this.lifeSeconds, tokenType: 'Bearer' };
  }

  /** @throws Refusal */
  async verify(token: string): Promise<AccessClaims> {
    const { alg, kid } = readHeader(token);
    const claims = await this.ring.keyFor(alg, kid).verify(token, Math.floor(this.clock() / 1000));
    const { sub, sid, exp, token_use: use } = claims;
    if (use !== 'access' || !isUuid(sub) || !isUuid(sid)) throw new Refusal('claims');
    // The libraries check exp only if it is present.
    if (typeof exp !== 'number' || !Number.isSafeInteger(exp)) throw new Refusal('claims');
    return { userId: sub, loginId: sid, expiresAt: exp * 1000 };
  }

  /** Until when a token that expires at `expiresAt` is accepted, ms. */
  static acceptedUntil(expiresAt: number): number {
    return expiresAt + LEEWAY_SECONDS * 1000;
  }
}

function isUuid(value: unknown): value is string {
  return typeof value === 'string' && UUID.test(value);
}
