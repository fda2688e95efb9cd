import { Inject, Injectable } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import { DomainError } from '#errors';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { credentialsRefused, hashQueueFull, tooManyAttempts } from '../auth.errors.js';
import { clientNetwork } from '../credentials/client-network.js';
import { LoginLimits } from '../credentials/login-limits.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { AccessTokens, type TokenPair } from '../tokens/access-tokens.js';
import { tokenHash } from '../tokens/opaque-token.js';
import { RefreshTokens } from '../tokens/refresh-tokens.js';
import { UsersRepository } from '../users.repository.js';
import { LoginsRepository } from './logins.repository.js';

/** Where a sign-in comes from. */
export interface LoginOrigin {
  /** As seen behind the trusted proxies. */
  ip: string;
  userAgent: string | undefined;
}

/** Labels of the metric; anything else is `failed`. */
const OUTCOMES: Record<string, string> = {
  AUTH_CREDENTIALS_REFUSED: 'refused',
  AUTH_TOO_MANY_ATTEMPTS: 'limited',
  AUTH_BUSY: 'busy',
};

/** Password in, tokens out. */
@Injectable()
export class LoginService {
  #underway = 0;

  constructor(
    private readonly users: UsersRepository,
    private readonly logins: LoginsRepository,
    private readonly hasher: PasswordHasher,
    private readonly limits: LoginLimits,
    private readonly tokens: AccessTokens,
    private readonly refreshTokens: RefreshTokens,
    @Inject(authConfig.token) private readonly config: AuthConfig,
    @InjectMetric('auth_logins_total') private readonly outcomes: Counter,
  ) {}

  /**
   * @param email normalised
   * @throws DomainError AUTH_CREDENTIALS_REFUSED (the same, after the same time, for unknown e-mail, wrong password and
   * disabled user), AUTH_TOO_MANY_ATTEMPTS, AUTH_BUSY
   */
  async login(email: string, password: string, origin: LoginOrigin): Promise<TokenPair> {
    // Before the attempt is counted: more sign-ins at once than hashes can be taken are no guesses, and must not cost 15 minutes.
    if (this.#underway >= this.config.hashConcurrency + this.config.hashMaxWaiting)
      throw this.#failed(hashQueueFull(1000));
    this.#underway += 1;
    try {
      return await this.#attempt(email, password, origin);
    } catch (error) {
      throw this.#failed(error);
    } finally {
      this.#underway -= 1;
    }
  }

  async #attempt(email: string, password: string, origin: LoginOrigin): Promise<TokenPair> {
    const network = clientNetwork(origin.ip);
    const attempt = await this.limits.begin(email, network ?? 'unknown', async () =>
      network === undefined ? false : this.logins.hasComeFrom(email, network),
    );
    if (attempt.waitMs > 0) throw tooManyAttempts(attempt.waitMs);
    const pair = await this.#judge(email, password, origin).catch((error: unknown) => {
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

  async #judge(email: string, password: string, origin: LoginOrigin): Promise<TokenPair | undefined> {
    const user = await this.users.findCredentials({ email });
    // Also for unknown and disabled users: whether there is such a user must not be told by the time it takes.
    const matches = await this.hasher.verify(user?.passwordHash, password);
    if (user === undefined || !matches || user.disabledAt !== null) return undefined;
    const passwordHash = await this.#refreshHash(user.id, user.passwordHash, password);
    const refreshToken = this.refreshTokens.first();
    const loginId = await this.logins.open({
      userId: user.id,
      passwordHash,
      refreshHash: tokenHash(refreshToken),
      userAgent: origin.userAgent?.slice(0, 400),
      ip: clientNetwork(origin.ip) === undefined ? undefined : origin.ip.split('%')[0],
      lifeDays: this.config.sessionDays,
      idleDays: this.config.refreshIdleDays,
    });
    return loginId === undefined ? undefined : this.tokens.issue(user.id, loginId, refreshToken);
  }

  /** The hash at today's cost. When the queue is full, another login will do it. */
  async #refreshHash(userId: string, stored: string, password: string): Promise<string> {
    if (!this.hasher.isOutdated(stored)) return stored;
    try {
      const renewed = await this.hasher.hash(password);
      await this.users.rehash(userId, stored, renewed);
      return renewed;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'AUTH_BUSY') return stored;
      throw error;
    }
  }
}
