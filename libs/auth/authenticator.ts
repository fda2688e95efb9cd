import { Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
import type { ApiKeyUse } from './api-keys/api-key-use.js';
import { unauthenticated } from './auth.errors.js';
import type { Principal } from './principal.js';
import { Refusal, type RefusalReason } from './refusal.js';
import type { CredentialStatus } from './statuses/credential-status.js';
import type { CredentialStatuses } from './statuses/credential-statuses.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { MAX_TOKEN_BYTES } from './tokens/compact-token.js';
import { apiKeyPrefix, sameHash, tokenHash } from './tokens/opaque-token.js';
import { isRefreshToken } from './tokens/refresh-tokens.js';

/** A token whose signature has been verified; only its status can still change. */
interface Verified {
  readonly lookup: string;
  readonly acceptedUntil: number;
  readonly expiresAt: number;
  readonly status: CredentialStatus;
  readonly principal: Principal;
}

// Holds only tokens that we signed, about 1 KB each.
const MAX_VERIFIED = 20_000;

/**
 * Turns a credential into a principal, the same way for an HTTP header and for a socket's handshake.
 * A known token costs two map look-ups (1 µs measured). Its signature is verified once, its status every `ttlMs`.
 */
export class Authenticator {
  private readonly logger = new Logger(Authenticator.name);
  readonly #verified = new LRUCache<string, Verified>({ max: MAX_VERIFIED });

  constructor(
    private readonly tokens: AccessTokens,
    private readonly statuses: CredentialStatuses,
    private readonly failures: Counter,
    private readonly keyUse: ApiKeyUse,
    private readonly clock: () => number = Date.now,
  ) {}

  /**
   * @param token an access token or an API key, unchecked and of any type
   * @param write whether the request may change data. Then only the answer of the database counts
   * @throws DomainError AUTH_UNAUTHENTICATED, the same for every reason. The reason is logged and counted here.
   * Throws the database's error if the database is needed and unreachable.
   */
  async authenticate(token: unknown, { write = false } = {}): Promise<Principal> {
    const known = this.known(token);
    if (known !== undefined) return known;
    try {
      return await this.#prove(token, write);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refused(error.reason);
      throw unauthenticated();
    }
  }

  /** The principal of a token that was verified before and is still good, without waiting; undefined if it must be verified. */
  known(token: unknown): Principal | undefined {
    if (typeof token !== 'string') return undefined;
    const now = this.clock();
    const seen = this.#verified.get(token);
    // The same status object means that nothing has changed since the principal was created from it.
    if (seen === undefined || now >= seen.acceptedUntil || this.statuses.fresh(seen.lookup) !== seen.status)
      return undefined;
    if (seen.principal.via === 'api_key') this.keyUse.seen(seen.principal.loginId, now);
    return seen.principal;
  }

  #refused(reason: RefusalReason): void {
    this.failures.inc({ reason });
    this.logger.warn({ msg: 'authentication refused', reason });
  }

  async #prove(token: unknown, write: boolean): Promise<Principal> {
    if (token === undefined || token === null || token === '') throw new Refusal('missing');
    if (typeof token !== 'string') throw new Refusal('malformed');
    if (token.length > MAX_TOKEN_BYTES) throw new Refusal('too_long');
    if (token.startsWith('dwk_')) return this.#proveApiKey(token, write);
    if (isRefreshToken(token)) throw new Refusal('refresh_token');
    const known = this.#verified.get(token);
    const claims =
      known === undefined
        ? await this.tokens.verify(token)
        : { loginId: known.lookup, userId: known.status.userId, expiresAt: known.expiresAt };
    const now = this.clock();
    const acceptedUntil = AccessTokens.acceptedUntil(claims.expiresAt);
    if (now >= acceptedUntil) throw new Refusal('expired');
    const status = await this.statuses.find(claims.loginId, write);
    if (status === undefined || status.userId !== claims.userId) throw new Refusal('login_unknown');
    return this.#admit(token, status, acceptedUntil, claims.expiresAt, 'login');
  }

  async #proveApiKey(token: string, write: boolean): Promise<Principal> {
    const prefix = apiKeyPrefix(token);
    if (prefix === undefined) throw new Refusal('malformed');
    const status = await this.statuses.find(prefix, write);
    if (status?.keyHash === undefined || !sameHash(status.keyHash, tokenHash(token)))
      throw new Refusal('api_key_unknown');
    const principal = this.#admit(token, status, status.expiresAt, status.expiresAt, 'api_key');
    this.keyUse.seen(principal.loginId, this.clock());
    return principal;
  }

  #admit(
    token: string,
    status: CredentialStatus,
    acceptedUntil: number,
    expiresAt: number,
    via: Principal['via'],
  ): Principal {
    if (status.refused !== undefined) throw new Refusal(status.refused);
    if (this.clock() >= status.expiresAt) throw new Refusal(via === 'login' ? 'login_expired' : 'api_key_expired');
    const principal: Principal = Object.freeze({
      userId: status.userId,
      roles: Object.freeze([...status.roles]),
      loginId: status.id,
      expiresAt: new Date(Math.min(expiresAt, status.expiresAt)),
      via,
    });
    const until = Math.min(acceptedUntil, status.expiresAt);
    this.#verified.set(token, { lookup: status.lookup, acceptedUntil: until, expiresAt, status, principal });
    return principal;
  }
}
