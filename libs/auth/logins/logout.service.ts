import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { signInRequired } from '../auth.errors.js';
import type { Principal } from '../principal.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { LoginsRepository } from './logins.repository.js';

/** Ends the caller's login. */
@Injectable()
export class LogoutService {
  constructor(
    private readonly logins: LoginsRepository,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
  ) {}

  /** Its refresh tokens end at once, its access token at once in this process and within 2 s in others. */
  async logout(principal: Principal): Promise<void> {
    if (principal.via !== 'login') throw signInRequired();
    await this.logins.revoke(principal.loginId, 'logout');
    this.statuses.forgetUser(principal.userId);
    this.changes.hint();
  }
}
