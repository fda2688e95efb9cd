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

/** Start-up step that creates an admin if there is none, so a ready desk always has a user who can sign in. */
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
   * Returns the admin that this process created, the first time it is called; the password is not stored.
   * Of processes that start together one creates the admin, and the others return undefined.
   */
  take(): MadeAdmin | undefined {
    const { made } = this;
    this.made = undefined;
    return made;
  }

  /** Ignores admins of the demo desk. @throws DomainError AUTH_EMAIL_TAKEN if a user who is not an admin has that e-mail */
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
      this.logger.log({ msg: 'first admin created', userId: user.id });
    } catch (error) {
      const anotherProcessMadeIt =
        error instanceof DomainError && error.code === 'AUTH_EMAIL_TAKEN' && (await this.repository.hasAdmin());
      if (!anotherProcessMadeIt) throw error;
    }
  }
}
