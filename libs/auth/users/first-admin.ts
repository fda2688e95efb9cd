import { Inject, Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { Database, Startup } from '#database';
import { DomainError } from '#errors';
import { authConfig, type AuthConfig } from '../auth.config.js';
import { UsersRepository } from '../users.repository.js';
import { UsersService } from './users.service.js';

const DEFAULT_EMAIL = 'admin@deskwire.local';

export interface MadeAdmin {
  email: string;
  /** Undefined when ADMIN_PASSWORD was set. */
  oneTimePassword: string | undefined;
}

/** The start-up step that makes an admin when there is none, so that a ready desk is a desk somebody can sign in to. */
@Injectable()
export class FirstAdmin implements OnModuleInit {
  private readonly logger = new Logger('Auth');
  private made: MadeAdmin | undefined;

  constructor(
    private readonly users: UsersService,
    private readonly repository: UsersRepository,
    private readonly database: Database,
    private readonly startup: Startup,
    @Inject(authConfig.token) private readonly config: AuthConfig,
  ) {}

  onModuleInit(): void {
    this.startup.addStep('auth', 'first admin', async () => {
      if (!this.database.readOnly) await this.ensure();
    });
  }

  /**
   * The admin that this process made, once: afterwards the password is not kept anywhere.
   * Of processes that start together, one has made it and the others answer undefined.
   */
  take(): MadeAdmin | undefined {
    const { made } = this;
    this.made = undefined;
    return made;
  }

  /** Admins of the demo desk do not count. @throws DomainError AUTH_EMAIL_TAKEN if a user who is no admin has that e-mail */
  private async ensure(): Promise<void> {
    if (await this.repository.hasAdmin()) return;
    try {
      const { user, oneTimePassword } = await this.users.add({
        email: this.config.adminEmail ?? DEFAULT_EMAIL,
        roles: ['admin'],
        displayName: 'Administrator',
        password: this.config.adminPassword?.reveal(),
      });
      this.made = { email: user.email, oneTimePassword };
      this.logger.log({ msg: 'first admin made', userId: user.id });
    } catch (error) {
      const anotherProcessMadeIt =
        error instanceof DomainError && error.code === 'AUTH_EMAIL_TAKEN' && (await this.repository.hasAdmin());
      if (!anotherProcessMadeIt) throw error;
    }
  }
}
