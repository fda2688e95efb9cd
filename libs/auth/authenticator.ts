import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
import { AccessTokens } from './tokens/access-tokens.js';
import { unauthenticated } from './auth.errors.js';
import { MAX_TOKEN_BYTES } from './tokens/compact-token.js';
import { apiKeyPrefix, sameHash, tokenHash } from './tokens/opaque-token.js';
import { isRefreshToken } from './tokens/refresh-tokens.js';
import type { KeyUse } from './tokens/key-use.js';
import type { Principal } from './principal.js';
import { Refusal, type RefusalReason } from './refusal.js';
import type { Standing } from './standings/standing.js';
import type { Standings } from './standings/standings.js';

/** A token whose proof has been checked; only its standing can still change. */
interface Verified {
  readonly lookup: string;
  readonly acceptedUntil: number;
  readonly expiresAt: number;
  readonly standing: Standing;
  readonly principal: Principal;
}

// Only tokens that we signed get in, so one entry is about 1 KB.
const MAX_VERIFIED = 20_000;

/**
 * Turns a credential into a principal, the same way for an HTTP header and for a socket's handshake.
 * A token seen before costs two map look-ups (1 µs measured); its signature is checked once, its standing every `ttlMs`.
 */
export class Authenticator {
  private readonly logger = new Logger(Authenticator.name);
  readonly #verified = new LRUCache<string, Verified>({ max: MAX_VERIFIED });

  constructor(
    private readonly tokens: AccessTokens,
    private readonly standings: Standings,
    private readonly failures: Counter,
    private readonly keyUse: KeyUse,
    private readonly clock: () => number = Date.now,
  ) {}

  /**
   * @param token an access token or a machine key, as it came (whatever its type)
   * @throws DomainError AUTH_UNAUTHENTICATED, the same for every reason, which is logged and counted here;
   * or what the database threw, if it was needed and away
   */
  async authenticate(token: unknown): Promise<Principal> {
    const known = this.known(token);
    if (known !== undefined) return known;
    try {
      return await this.#prove(token);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refused(error.reason);
      throw unauthenticated();
    }
  }

  /** The principal of a token that was proved before and still holds, without waiting for anything; undefined if it must be proved. */
  known(token: unknown): Principal | undefined {
    if (typeof token !== 'string') return undefined;
    const now = this.clock();
    const seen = this.#verified.get(token);
    // The same standing object means that nothing changed since the principal was made from it.
    if (seen === undefined || now >= seen.acceptedUntil || this.standings.fresh(seen.lookup) !== seen.standing)
      return undefined;
    if (seen.principal.via === 'api_key') this.keyUse.seen(seen.principal.loginId, now);
    return seen.principal;
  }

  #refused(reason: RefusalReason): void {
    this.failures.inc({ reason });
    this.logger.warn({ msg: 'authentication refused', reason });
  }

  async #prove(token: unknown): Promise<Principal> {
    if (token === undefined || token === null || token === '') throw new Refusal('missing');
    if (typeof token !== 'string') throw new Refusal('malformed');
    if (token.length > MAX_TOKEN_BYTES) throw new Refusal('too_long');
    if (token.startsWith('dwk_')) return this.#proveApiKey(token);
    if (isRefreshToken(token)) throw new Refusal('refresh_token');
    const known = this.#verified.get(token);
    const claims =
      known === undefined
        ? await this.tokens.verify(token)
        : { loginId: known.lookup, userId: known.standing.userId, expiresAt: known.expiresAt };
    const now = this.clock();
    const acceptedUntil = AccessTokens.acceptedUntil(claims.expiresAt);
    if (now >= acceptedUntil) throw new Refusal('expired');
    const standing = await this.standings.find(claims.loginId);
    if (standing === undefined || standing.userId !== claims.userId) throw new Refusal('login_unknown');
    return this.#admit(token, standing, acceptedUntil, claims.expiresAt, 'login');
  }

  async #proveApiKey(token: string): Promise<Principal> {
    const prefix = apiKeyPrefix(token);
    if (prefix === undefined) throw new Refusal('malformed');
    const standing = await this.standings.find(prefix);
    if (standing?.keyHash === undefined || !sameHash(standing.keyHash, tokenHash(token)))
      throw new Refusal('api_key_unknown');
    const principal = this.#admit(token, standing, standing.expiresAt, standing.expiresAt, 'api_key');
    this.keyUse.seen(principal.loginId, this.clock());
    return principal;
  }

  #admit(
    token: string,
    standing: Standing,
    acceptedUntil: number,
    expiresAt: number,
    via: Principal['via'],
  ): Principal {
    if (standing.refused !== undefined) throw new Refusal(standing.refused);
    if (this.clock() >= standing.expiresAt) throw new Refusal(via === 'login' ? 'login_expired' : 'api_key_expired');
    const principal: Principal = Object.freeze({
      userId: standing.userId,
      roles: Object.freeze([...standing.roles]),
      loginId: standing.id,
      expiresAt: new Date(Math.min(expiresAt, standing.expiresAt)),
      via,
    });
    const until = Math.min(acceptedUntil, standing.expiresAt);
    this.#verified.set(token, { lookup: standing.lookup, acceptedUntil: until, expiresAt, standing, principal });
    return principal;
  }
}
