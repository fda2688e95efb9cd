import { Injectable } from '@nestjs/common';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { AuditTrail } from '../audit-trail.js';
import { type ApiKey, ApiKeysRepository } from '../api-keys/api-keys.repository.js';
import { apiKeyNotFound, loginNotFound, userNotFound } from '../auth.errors.js';
import { type ActiveLogin, LoginsRepository, type RevokeReason } from '../logins/logins.repository.js';
import { type Principal, requireLogin } from '../principal.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import { UsersRepository } from '../users.repository.js';

/**
 * Lists and ends the logins and API keys of any user, for admins and the command line. Ended ones stop at once in this
 * process and within 2 s in others, including their sockets.
 */
@Injectable()
export class UserAccess {
  constructor(
    private readonly users: UsersRepository,
    private readonly logins: LoginsRepository,
    private readonly keys: ApiKeysRepository,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly audit: AuditTrail,
  ) {}

  /** @param who an id or an e-mail @throws DomainError AUTH_USER_NOT_FOUND */
  async listKeys(who: string): Promise<ApiKey[]> {
    return this.keys.listOf(await this.#idOf(who));
  }

  /** The logins that have not ended, newest first. @throws DomainError AUTH_USER_NOT_FOUND */
  async listLogins(who: string): Promise<ActiveLogin[]> {
    return this.logins.listOf(await this.#idOf(who));
  }

  /** The logins of the caller that have not ended, newest first. @throws DomainError AUTH_SIGN_IN_REQUIRED */
  async listOwnLogins(principal: Principal): Promise<ActiveLogin[]> {
    requireLogin(principal);
    return this.logins.listOf(principal.userId);
  }

  /** Ends a login of the caller, or every one but the current. @returns how many @throws AUTH_SIGN_IN_REQUIRED, AUTH_LOGIN_NOT_FOUND */
  async endOwnLogins(principal: Principal, loginId?: string): Promise<number> {
    requireLogin(principal);
    return this.#announced(principal.userId, await this.applyEndOwn(principal, loginId));
  }

  /** Ends one key, or every key of the user. @returns how many @throws AUTH_USER_NOT_FOUND, AUTH_API_KEY_NOT_FOUND */
  async endKeys(who: string, keyId?: string): Promise<number> {
    const userId = await this.#idOf(who);
    return this.#announced(userId, await this.applyEndKeys(userId, keyId));
  }

  /** Ends one login, or every login of the user. @returns how many @throws AUTH_USER_NOT_FOUND, AUTH_LOGIN_NOT_FOUND */
  async endLogins(who: string, loginId?: string): Promise<number> {
    const userId = await this.#idOf(who);
    return this.#announced(userId, await this.applyEndLogins(userId, loginId));
  }

  /** Ends the logins of the user in the open transaction, whose owner announces the change. */
  async revokeLogins(userId: string, reason: RevokeReason): Promise<string[]> {
    const ids = await this.logins.revokeAllOf(userId, reason);
    await this.recordEnds('login', userId, ids, reason);
    return ids;
  }

  /** Ends the API keys of the user in the open transaction, whose owner announces the change. */
  async revokeKeys(userId: string, reason: RevokeReason): Promise<string[]> {
    const ids = await this.keys.revokeAllOf(userId);
    await this.recordEnds('api_key', userId, ids, reason);
    return ids;
  }

  @Atomic()
  private async applyEndOwn({ userId, loginId: current }: Principal, loginId: string | undefined): Promise<number> {
    if (loginId !== undefined && !(await this.logins.revokeOf(userId, loginId, 'ended_by_user')))
      throw loginNotFound(loginId);
    const ids = loginId === undefined ? await this.logins.revokeOthersOf(userId, current, 'ended_by_user') : [loginId];
    await this.recordEnds('login', userId, ids, 'ended_by_user');
    return ids.length;
  }

  @Atomic()
  private async applyEndKeys(userId: string, keyId: string | undefined): Promise<number> {
    if (keyId === undefined) return (await this.revokeKeys(userId, 'ended_by_admin')).length;
    if (!(await this.keys.revoke(userId, keyId))) throw apiKeyNotFound(keyId);
    await this.recordEnds('api_key', userId, [keyId], 'ended_by_admin');
    return 1;
  }

  @Atomic()
  private async applyEndLogins(userId: string, loginId: string | undefined): Promise<number> {
    if (loginId === undefined) return (await this.revokeLogins(userId, 'ended_by_admin')).length;
    if (!(await this.logins.revokeOf(userId, loginId, 'ended_by_admin'))) throw loginNotFound(loginId);
    await this.recordEnds('login', userId, [loginId], 'ended_by_admin');
    return 1;
  }

  private recordEnds(
    kind: 'login' | 'api_key',
    ownerId: string,
    ids: readonly string[],
    reason: RevokeReason,
  ): Promise<void> {
    const action = kind === 'login' ? 'login_ended' : 'api_key_revoked';
    const acts = ids.map((id) => ({ action, subject: { kind, id }, ownerId, after: { reason } }) as const);
    return this.audit.record(...acts);
  }

  async #idOf(who: string): Promise<string> {
    const user = await this.users.findNamed(who);
    if (user === undefined) throw userNotFound(who);
    return user.id;
  }

  #announced(userId: string, ended: number): number {
    this.statuses.forgetUser(userId);
    this.changes.hint();
    return ended;
  }
}
