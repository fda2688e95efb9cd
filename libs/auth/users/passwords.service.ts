import { Injectable } from '@nestjs/common';
import { credentialsRefused, signInRequired, tooManyAttempts, userNotFound } from '../auth.errors.js';
import { clientNetwork } from '../credentials/client-network.js';
import { LoginLimits } from '../credentials/login-limits.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import type { Principal } from '../principal.js';
import { UsersRepository } from '../users.repository.js';
import { UsersService } from './users.service.js';

/** Lets a user change the password. */
@Injectable()
export class PasswordsService {
  constructor(
    private readonly repository: UsersRepository,
    private readonly users: UsersService,
    private readonly hasher: PasswordHasher,
    private readonly limits: LoginLimits,
  ) {}

  /**
   * Ends every login of the user, including the current one. A wrong current password counts as a failed sign-in.
   * @throws DomainError AUTH_CREDENTIALS_REFUSED, AUTH_TOO_MANY_ATTEMPTS, AUTH_SIGN_IN_REQUIRED, AUTH_BUSY
   */
  async change(principal: Principal, current: string, wanted: string, ip: string): Promise<void> {
    if (principal.via !== 'login') throw signInRequired();
    const user = await this.repository.findCredentials({ id: principal.userId });
    if (user === undefined) throw userNotFound(principal.userId);
    const attempt = await this.limits.begin(user.email, clientNetwork(ip) ?? 'unknown', async () => true);
    if (attempt.waitMs > 0) throw tooManyAttempts(attempt.waitMs);
    const matches = await this.hasher.verify(user.passwordHash, current).catch((error: unknown) => {
      attempt.abandoned();
      throw error;
    });
    if (!matches) throw credentialsRefused();
    attempt.succeeded();
    await this.users.resetPassword(user.id, wanted);
  }
}
