import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Database } from '#database';
import { AccessTokens } from '../tokens/access-tokens.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { unauthenticated } from '../auth.errors.js';
import { LoginsRepository, type SpentToken } from './logins.repository.js';
import { isRefreshToken, newRefreshToken, tokenHash } from '../tokens/opaque-token.js';
import { Standings } from '../standings/standings.js';
import type { TokenPair } from '../tokens/token-pair.js';

/** Continues a login by its refresh token, or ends it when a token is reused. */
@Injectable()
export class RefreshService {
  private readonly logger = new Logger(RefreshService.name);

  constructor(
    private readonly logins: LoginsRepository,
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
    const rotated = await this.logins.rotate(hash, tokenHash(successor), this.config.refreshIdleDays);
    if (rotated === undefined) throw this.#refused(await this.#whyNot(await this.logins.findSpent(hash)));
    this.refreshes.inc({ outcome: 'success' });
    return this.tokens.issue(rotated.userId, rotated.loginId, successor);
  }

  async #renew(refreshToken: string, hash: Buffer): Promise<TokenPair> {
    const unspent = await this.logins.findUnspent(hash);
    if (unspent === undefined) throw this.#refused(await this.#whyNot(await this.logins.findSpent(hash)));
    this.refreshes.inc({ outcome: 'read_only' });
    return this.tokens.issue(unspent.userId, unspent.loginId, refreshToken);
  }

  async #whyNot(spent: SpentToken | undefined): Promise<string> {
    if (spent === undefined) return 'unknown';
    if (spent.usedMsAgo === null) return 'ended';
    if (spent.usedMsAgo < this.config.refreshGraceMs) return 'raced';
    if (!this.database.readOnly && (await this.logins.revoke(spent.loginId, 'refresh_reuse'))) {
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
