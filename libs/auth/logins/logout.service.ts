import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { AuditTrail } from '../audit-trail.js';
import { type Principal, requireLogin } from '../principal.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { LoginsRepository } from './logins.repository.js';

/** Ends the caller's login. */
@Injectable()
export class LogoutService {
  constructor(
    private readonly logins: LoginsRepository,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly audit: AuditTrail,
  ) {}

  /** Its refresh tokens end at once, its access token at once in this process and within 2 s in others. */
  async logout(principal: Principal): Promise<void> {
    requireLogin(principal);
    await this.end(principal);
    this.statuses.forgetUser(principal.userId);
    this.changes.hint();
  }

  @Atomic()
  private async end({ loginId, userId }: Principal): Promise<void> {
    await this.logins.revoke(loginId, 'logout');
    await this.audit.record({ action: 'signed_out', subject: { kind: 'login', id: loginId }, ownerId: userId });
  }
}
