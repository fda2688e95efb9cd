import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#errors';
import { authConfig, type AuthConfig } from './auth.config.js';
import { UsersRepository } from './users.repository.js';
import { UsersService } from './users.service.js';

const DEFAULT_EMAIL = 'admin@deskwire.local';

/** Makes the first administrator of an empty installation. */
@Injectable()
export class FirstAdmin {
  private readonly logger = new Logger(FirstAdmin.name);

  constructor(
    private readonly repository: UsersRepository,
    private readonly users: UsersService,
    @Inject(authConfig.token) private readonly config: AuthConfig,
  ) {}

  /**
   * Makes an admin if there is none (the demo desk's do not count). Of processes that start together one makes it.
   * @param wanted in place of ADMIN_EMAIL and ADMIN_PASSWORD
   * @returns the e-mail, and the password if it was made here: print it once, it is not kept. Undefined if there is one already
   */
  async ensure(wanted: { email?: string; password?: string } = {}): Promise<{ email: string; oneTimePassword: string | undefined } | undefined> {
    if (await this.repository.hasAdmin()) return undefined;
    const email = wanted.email ?? this.config.adminEmail ?? DEFAULT_EMAIL;
    const password = wanted.password ?? this.config.adminPassword?.reveal();
    try {
      const { user, oneTimePassword } = await this.users.add({ email, roles: ['admin'], displayName: 'Administrator', password });
      this.logger.log({ msg: 'first admin made', userId: user.id });
      return { email: user.email, oneTimePassword };
    } catch (error) {
      if (!(error instanceof DomainError) || error.code !== 'AUTH_EMAIL_TAKEN') throw error;
      if (await this.repository.hasAdmin()) return undefined; // Another process was first.
      throw error; // Somebody else has that e-mail: the operator must choose, not we.
    }
  }
}
