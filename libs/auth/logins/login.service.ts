import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { DomainError } from '#errors';
import { AuditTrail } from '../audit-trail.js';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { credentialsRefused, hashQueueFull, tooManyAttempts } from '../auth.errors.js';
import { clientNetwork } from '../credentials/client-network.js';
import { type Share, shareKey } from '../credentials/sign-in-queue.js';
import { HeldPlaces } from '../credentials/held-places.js';
import { LoginLimits } from '../credentials/login-limits.js';
import { PasswordHasher, RETRY_AFTER_MS } from '../credentials/password-hasher.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { AccessTokens, type TokenPair } from '../tokens/access-tokens.js';
import { tokenHash } from '../tokens/opaque-token.js';
import { RefreshTokens } from '../tokens/refresh-tokens.js';
import { UsersRepository } from '../users.repository.js';
import { LoginsRepository, type NewLogin } from './logins.repository.js';

/** The client of a sign-in. */
export interface LoginOrigin {
  /** The client's address, as the trusted proxies forward it. */
  ip: string;
  userAgent: string | undefined;
}

/** Ended logins kept per user: their networks let the owner in while the account is under attack. */
const ENDED_KEPT = 200;

/** Error codes with a metric label of their own; the label of others is `failed`. */
const OUTCOMES: Record<string, string> = {
  AUTH_CREDENTIALS_REFUSED: 'refused',
  AUTH_TOO_MANY_ATTEMPTS: 'limited',
  AUTH_BUSY: 'busy',
};

/** Signs a user in by password. */
@Injectable()
export class LoginService {
  readonly #underway: HeldPlaces;

  constructor(
    private readonly users: UsersRepository,
    private readonly logins: LoginsRepository,
    private readonly hasher: PasswordHasher,
    private readonly limits: LoginLimits,
    private readonly tokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly audit: AuditTrail,
    private readonly transactions: Transactions,
    @Inject(authConfig.token) private readonly config: AuthConfig,
    @InjectMetric('auth_logins_total') private readonly outcomes: Counter,
  ) {
    this.#underway = new HeldPlaces(config.hashMaxPerAccount);
  }

  /**
   * @param email normalised
   * @throws DomainError AUTH_CREDENTIALS_REFUSED (the same, after the same time, for unknown e-mail, wrong password and
   * disabled user), AUTH_TOO_MANY_ATTEMPTS, AUTH_BUSY
   */
  async login(email: string, password: string, origin: LoginOrigin): Promise<TokenPair> {
    // Checked before the attempt is counted: a sign-in refused because the queue is full is not a guess and must not lock anybody out.
    const share = { network: clientNetwork(origin.ip) ?? 'unknown', account: email };
    const key = shareKey(share);
    if (!this.#underway.take(key)) throw this.#failed(hashQueueFull(RETRY_AFTER_MS));
    try {
      return await this.#attempt(share, password, origin);
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#underway.give(key);
    }
  }

  async #attempt(share: Share, password: string, origin: LoginOrigin): Promise<TokenPair> {
    const { account: email, network } = share;
    const attempt = await this.limits.begin(email, network, async () =>
      clientNetwork(origin.ip) === undefined ? false : this.logins.hasComeFrom(email, network),
    );
    if (attempt.waitMs > 0) {
      await this.audit.refuse({ reason: 'too_many_attempts', userId: null });
      throw tooManyAttempts(attempt.waitMs);
    }
    const pair = await this.#verified(share, password, origin).catch((error: unknown) => {
      attempt.abandoned();
      throw error;
    });
    if (pair === undefined) throw credentialsRefused();
    attempt.succeeded();
    this.outcomes.inc({ outcome: 'success' });
    return pair;
  }

  #failed(error: unknown): unknown {
    const code = error instanceof DomainError ? error.code : '';
    this.outcomes.inc({ outcome: OUTCOMES[code] ?? 'failed' });
    return error;
  }

  async #verified(share: Share, password: string, origin: LoginOrigin): Promise<TokenPair | undefined> {
    const user = await this.users.findCredentials({ email: share.account });
    // Unknown and disabled users are verified too, so the response time does not reveal whether a user exists.
    const matches = await this.hasher.verify(share, user?.passwordHash, password);
    if (user === undefined || !matches || user.disabledAt !== null) {
      // The same statement whatever the reason, so its time reveals nothing.
      const reason = user === undefined ? 'unknown_user' : matches ? 'user_disabled' : 'wrong_password';
      await this.audit.refuse({ reason, userId: user?.id ?? null });
      return undefined;
    }
    const passwordHash = await this.#refreshHash(share, user.id, user.passwordHash, password);
    const refreshToken = this.refreshTokens.first();
    const loginId = await this.transactions.atomic(() =>
      this.#open({
        userId: user.id,
        passwordHash,
        refreshHash: tokenHash(refreshToken),
        userAgent: origin.userAgent?.slice(0, 400),
        ip: clientNetwork(origin.ip) === undefined ? undefined : origin.ip.split('%')[0],
        lifeMs: this.config.loginLifetimeMs,
        idleMs: this.config.refreshIdleMs,
      }),
    );
    if (loginId === undefined) return undefined;
    return this.tokens.issue(user.id, loginId, refreshToken);
  }

  async #open(login: NewLogin): Promise<string | undefined> {
    const { userId } = login;
    await this.logins.lockUser(userId);
    const loginId = await this.logins.open(login);
    if (loginId === undefined) return undefined;
    await this.audit.record({
      action: 'signed_in',
      subject: { kind: 'login', id: loginId },
      ownerId: userId,
      actor: { userId, credentialId: loginId },
    });
    const ended = await this.logins.endSurplus(userId, this.config.maxLogins, ENDED_KEPT);
    if (ended === 0) return loginId;
    await this.audit.record({
      action: 'login_ended',
      subject: { kind: 'user', id: userId },
      ownerId: userId,
      actor: { userId, credentialId: loginId },
      after: { reason: 'too_many_logins', logins: ended },
    });
    this.transactions.afterCommit(() => {
      this.statuses.forgetUser(userId);
      this.changes.hint();
    });
    return loginId;
  }

  /** The hash at the configured cost. When the queue is full, a later login renews it. */
  async #refreshHash(share: Share, userId: string, stored: string, password: string): Promise<string> {
    if (!this.hasher.isOutdated(stored)) return stored;
    try {
      const renewed = await this.hasher.hash(share, password);
      await this.users.rehash(userId, stored, renewed);
      return renewed;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'AUTH_BUSY') return stored;
      throw error;
    }
  }
}
