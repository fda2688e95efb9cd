import { Injectable } from '@nestjs/common';
import type { PasswordChange } from '../auth.dto.js';
import { currentPasswordWrong, tooManyAttempts, userNotFound } from '../auth.errors.js';
import { clientNetwork } from '../credentials/client-network.js';
import { LoginLimits } from '../credentials/login-limits.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { type Principal, requireLogin } from '../principal.js';
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
   * Ends every login of the user, including the current one, and on request the API keys. A wrong current password
   * counts as a failed sign-in, but is not a 401: a client would take that as the end of its login.
   * @throws DomainError AUTH_CURRENT_PASSWORD_WRONG, AUTH_TOO_MANY_ATTEMPTS, AUTH_SIGN_IN_REQUIRED, AUTH_BUSY
   */
  async change(principal: Principal, change: PasswordChange, ip: string): Promise<void> {
    requireLogin(principal);
    const user = await this.repository.findCredentials({ id: principal.userId });
    if (user === undefined) throw userNotFound(principal.userId);
    const share = { network: clientNetwork(ip) ?? 'unknown', account: user.email };
    const attempt = await this.limits.begin(share.account, share.network, async () => true);
    if (attempt.waitMs > 0) throw tooManyAttempts(attempt.waitMs);
    const matches = await this.hasher
      .verify(share, user.passwordHash, change.currentPassword)
      .catch((error: unknown) => {
        attempt.abandoned();
        throw error;
      });
    if (!matches) throw currentPasswordWrong();
    attempt.succeeded();
    const passwordHash = await this.hasher.hash(share, change.newPassword);
    const { passwordHash: verified } = user;
    if (!(await this.users.replacePassword(user.id, verified, passwordHash, change.endApiKeys)))
      throw currentPasswordWrong();
  }
}
