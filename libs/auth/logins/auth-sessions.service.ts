import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Database } from '#database';
import { AccessTokens } from '../tokens/access-tokens.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { signInRequired, unauthenticated } from '../auth.errors.js';
import { AuthSessionsRepository, type SpentToken } from './auth-sessions.repository.js';
import { isRefreshToken, newRefreshToken, tokenHash } from '../tokens/opaque-token.js';
import type { Principal } from '../principal.js';
import { Standings } from '../standings/standings.js';
import type { TokenPair } from '../tokens/token-pair.js';

/** A login's later life: refreshed, ended, or taken for stolen. */
@Injectable()
export class AuthSessionsService {
  private readonly logger = new Logger(AuthSessionsService.name);

  constructor(
    private readonly sessions: AuthSessionsRepository,
    private readonly tokens: AccessTokens,
    private readonly standings: Standings,
    private readonly changes: Changes,
    private readonly database: Database,
    @Inject(authConfig.token) private readonly config: AuthConfig,
    @InjectMetric('auth_refreshes_total') private readonly refreshes: Counter,
  ) {}

  /**
   * A refresh token works once. Shown again, it is refused; and unless that is within `refreshGraceMs` of its use, when it is
   * two tabs or a retry that raced, somebody else has a copy: the whole family is revoked (RFC 9700 section 4.14.2).
   * While DB_READONLY the unused token stays good and is given back, or all screens would be signed out after the life of an
   * access token. A used one is refused then too; its family is revoked when it is shown again after that time.
   * @throws DomainError AUTH_UNAUTHENTICATED, whatever is wrong with it
   */
  async refresh(refreshToken: string): Promise<TokenPair> {
    if (!isRefreshToken(refreshToken)) throw this.#refused('malformed');
    const hash = tokenHash(refreshToken);
    if (this.database.readOnly) return this.#renew(refreshToken, hash);
    const successor = newRefreshToken();
    const rotated = await this.sessions.rotate(hash, tokenHash(successor), this.config.refreshIdleDays);
    if (rotated === undefined) throw this.#refused(await this.#whyNot(await this.sessions.findSpent(hash)));
    this.refreshes.inc({ outcome: 'success' });
    return this.tokens.issue(rotated.userId, rotated.sessionId, successor);
  }

  /** Ends the caller's login: its refresh tokens at once, its access token at once here and within 2 s elsewhere. */
  async logout(principal: Principal): Promise<void> {
    if (principal.via !== 'session') throw signInRequired();
    await this.sessions.revoke(principal.sessionId, 'logout');
    this.standings.forgetUser(principal.userId);
    this.changes.hint();
  }

  async #renew(refreshToken: string, hash: Buffer): Promise<TokenPair> {
    const unspent = await this.sessions.findUnspent(hash);
    if (unspent === undefined) throw this.#refused(await this.#whyNot(await this.sessions.findSpent(hash)));
    this.refreshes.inc({ outcome: 'read_only' });
    return this.tokens.issue(unspent.userId, unspent.sessionId, refreshToken);
  }

  async #whyNot(spent: SpentToken | undefined): Promise<string> {
    if (spent === undefined) return 'unknown';
    if (spent.usedMsAgo === null) return 'ended';
    if (spent.usedMsAgo < this.config.refreshGraceMs) return 'raced';
    if (!this.database.readOnly && (await this.sessions.revoke(spent.sessionId, 'refresh_reuse'))) {
      this.standings.forgetUser(spent.userId);
      this.changes.hint();
    }
    return 'reused';
  }

  #refused(outcome: string): Error {
    this.refreshes.inc({ outcome });
    this.logger.warn({ msg: 'refresh refused', reason: outcome });
    return unauthenticated();
  }
}
