import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Atomic, Database } from '#database';
import { AuditTrail } from '../audit-trail.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { refreshTokenReused, unauthenticated } from '../auth.errors.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { AccessTokens, type TokenPair } from '../tokens/access-tokens.js';
import { tokenHash } from '../tokens/opaque-token.js';
import { isRefreshToken, RefreshTokens } from '../tokens/refresh-tokens.js';
import { type ContinuedLogin, LoginsRepository, type SpentToken } from './logins.repository.js';

/** Continues a login by its refresh token, or ends it when a token is reused. */
@Injectable()
export class RefreshService {
  private readonly logger = new Logger(RefreshService.name);

  constructor(
    private readonly logins: LoginsRepository,
    private readonly accessTokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly database: Database,
    private readonly audit: AuditTrail,
    @Inject(authConfig.token) private readonly config: AuthConfig,
    @InjectMetric('auth_refreshes_total') private readonly refreshes: Counter,
  ) {}

  /**
   * Replaces a refresh token by its successor. Within `refreshGraceMs` of that, the same token gets the same successor
   * again, because an answer was lost or two tabs refresh at once. If that successor has been replaced meanwhile, it
   * gets the newest of the chain, which it could reach anyway. After the grace, a second use means that another client
   * has a copy, and the whole login is revoked (RFC 9700 section 4.14.2).
   * With DB_READONLY an unused token stays valid and is returned unchanged. Otherwise all screens would be signed out
   * when their access token expires. A token reused then is refused, and it revokes its login when it is used at a desk
   * that may write.
   * @throws DomainError AUTH_REFRESH_REUSED if a token of the login was reused, else AUTH_UNAUTHENTICATED
   */
  async refresh(refreshToken: string): Promise<TokenPair> {
    if (!isRefreshToken(refreshToken)) throw this.#refused('malformed');
    const hash = tokenHash(refreshToken);
    if (this.database.readOnly) {
      const unspent = await this.logins.findUnspent(hash);
      if (unspent !== undefined) return this.#continued(unspent, refreshToken, 'read_only');
    } else {
      const successor = this.refreshTokens.successorOf(refreshToken);
      const rotated = await this.logins.rotate(hash, tokenHash(successor), this.config.refreshIdleMs);
      if (rotated !== undefined) return this.#continued(rotated, successor, 'success');
    }
    return this.#repeat(refreshToken, hash);
  }

  async #repeat(refreshToken: string, hash: Buffer): Promise<TokenPair> {
    const spent = await this.logins.findSpent(hash);
    if (spent === undefined) throw this.#refused('unknown');
    if (spent.reused) throw this.#reused(spent);
    if (!spent.alive || spent.usedMsAgo === null) throw this.#refused('ended');
    if (spent.usedMsAgo >= this.config.refreshGraceMs) {
      await this.#revoke(spent);
      throw this.#reused(spent);
    }
    const successors = await this.logins.findSuccessors(hash);
    if (successors === undefined) throw this.#refused('ended');
    const newest = this.refreshTokens.follow(refreshToken, successors);
    if (newest === undefined) throw this.#refused('key_unknown');
    return this.#continued(spent, newest, 'repeated');
  }

  async #continued({ userId, loginId }: ContinuedLogin, refreshToken: string, outcome: string): Promise<TokenPair> {
    this.refreshes.inc({ outcome });
    return this.accessTokens.issue(userId, loginId, refreshToken);
  }

  async #revoke({ loginId, userId }: SpentToken): Promise<void> {
    if (this.database.readOnly || !(await this.revokeReused(loginId, userId))) return;
    this.statuses.forgetUser(userId);
    this.changes.hint();
  }

  @Atomic()
  private async revokeReused(loginId: string, userId: string): Promise<boolean> {
    if (!(await this.logins.revoke(loginId, 'refresh_reuse'))) return false;
    await this.audit.record({ action: 'refresh_reused', subject: { kind: 'login', id: loginId }, ownerId: userId });
    return true;
  }

  #reused({ loginId, userId }: SpentToken): Error {
    this.refreshes.inc({ outcome: 'reused' });
    this.logger.warn({ msg: 'refresh refused', reason: 'reused', loginId, userId });
    return refreshTokenReused();
  }

  #refused(reason: string): Error {
    this.refreshes.inc({ outcome: reason });
    this.logger.warn({ msg: 'refresh refused', reason });
    return unauthenticated();
  }
}
