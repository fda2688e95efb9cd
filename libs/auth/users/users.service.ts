import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { type Page, pageFrom } from '#http';
import { AuditTrail } from '../audit-trail.js';
import { emailTaken, fieldRefused, lastAdmin, userNotFound } from '../auth.errors.js';
import { emailAddress } from '../credentials/email.js';
import { PasswordHasher } from '../credentials/password-hasher.js';
import { newPassword, oneTimePassword } from '../credentials/password.js';
import type { Role } from '../role.js';
import { CredentialStatuses } from '../statuses/credential-statuses.js';
import type { NewUser, User } from '../user.js';
import { UsersRepository } from '../users.repository.js';
import { UserAccess } from './user-access.service.js';
import { userOrder, type UsersQuery } from './user.dto.js';

export interface AddUser {
  email: string;
  roles: readonly Role[];
  /** Defaults to the part of the e-mail before the @. */
  displayName?: string | undefined;
  /** 12 to 256 characters; generated if left out. */
  password?: string | undefined;
  /** Removed by `deskwire demo clear`. */
  isDemo?: boolean | undefined;
}

export interface ChangeUser {
  displayName?: string | undefined;
  roles?: readonly Role[] | undefined;
  disabled?: boolean | undefined;
}

/** Manages users, for HTTP and the command line. A user is named by id or by e-mail. */
@Injectable()
export class UsersService {
  private readonly logger = new Logger(UsersService.name);

  constructor(
    private readonly users: UsersRepository,
    /** Logins and API keys of any user. */
    readonly access: UserAccess,
    private readonly hasher: PasswordHasher,
    private readonly statuses: CredentialStatuses,
    private readonly changes: Changes,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * @returns the user, and the password if it was generated; it is not stored
   * @throws DomainError AUTH_EMAIL_TAKEN, REQUEST_INVALID, AUTH_BUSY
   */
  async add(user: AddUser): Promise<{ user: User; oneTimePassword: string | undefined }> {
    const email = checked(emailAddress, user.email, 'email');
    const generated = user.password === undefined ? oneTimePassword() : undefined;
    const passwordHash = await this.hasher.hash(
      { network: 'desk', account: email },
      checked(newPassword, user.password ?? generated, 'password'),
    );
    const made = await this.insertUser({
      email,
      passwordHash,
      displayName: user.displayName ?? email.split('@')[0]!,
      roles: user.roles,
      isDemo: user.isDemo ?? false,
    });
    this.changes.hint();
    return { user: made, oneTimePassword: generated };
  }

  /** Ends the user's logins and API keys, at once in this process and within 2 s in others. @throws AUTH_LAST_ADMIN */
  async disable(who: string): Promise<User> {
    return this.change(who, { disabled: true });
  }

  /** Lets the user sign in again. Ended logins and API keys stay ended. */
  async enable(who: string): Promise<User> {
    return this.change(who, { disabled: false });
  }

  /** @throws DomainError AUTH_USER_NOT_FOUND, AUTH_LAST_ADMIN */
  async change(who: string, change: ChangeUser): Promise<User> {
    const { id } = await this.find(who);
    const changed = await this.applyChange(id, change);
    this.#announce(id);
    return changed;
  }

  /**
   * Sets a new password, generated if none is given, and ends the user's logins and API keys, because another person
   * may know the old password.
   */
  async resetPassword(who: string, password?: string): Promise<{ user: User; oneTimePassword: string | undefined }> {
    const generated = password === undefined ? oneTimePassword() : undefined;
    const { id, email } = await this.find(who);
    const wanted = checked(newPassword, password ?? generated, 'password');
    const passwordHash = await this.hasher.hash({ network: 'desk', account: email }, wanted);
    const user = await this.applyPassword(id, true, 'password_reset', () => this.users.update(id, { passwordHash }));
    if (user === undefined) throw userNotFound(id);
    return { user, oneTimePassword: generated };
  }

  /**
   * Replaces the password whose hash was verified, and ends the logins of the user.
   * @returns whether it was still the password of the user, who may have been disabled or got another one meanwhile
   */
  async replacePassword(id: string, verified: string, passwordHash: string, endApiKeys: boolean): Promise<boolean> {
    const replace = () => this.users.replaceHash(id, verified, passwordHash);
    return (await this.applyPassword(id, endApiKeys, 'password_changed', replace)) !== undefined;
  }

  async list({ query, role, disabled, sort, limit, cursor }: UsersQuery): Promise<Page<User>> {
    const rows = await this.users.page({
      ...{ text: query, roles: role, disabled },
      ...{ sort, after: cursor, limit: limit + 1 },
    });
    return pageFrom(rows, limit, ({ id, email }) => userOrder.keyOf(sort, id, { createdAt: '', email }));
  }

  /** Every user, in the order of creation. For the command line; HTTP lists pages. */
  async listAll(): Promise<User[]> {
    const all: User[] = [];
    const next = () => {
      const last = all.at(-1);
      return this.users.page({ sort: 'createdAt', after: last && ['createdAt', '', last.id], limit: 500 });
    };
    for (let page = await next(); page.length > 0; page = await next()) all.push(...page);
    return all;
  }

  /** @param who an id or an e-mail @throws DomainError AUTH_USER_NOT_FOUND */
  async find(who: string): Promise<User> {
    const user = await this.users.findNamed(who);
    if (user === undefined) throw userNotFound(who);
    return user;
  }

  /** Whether the desk holds demo data. Part of the open cut inside @ReadSnapshot(). */
  hasDemo(): Promise<boolean> {
    return this.users.hasDemo();
  }

  /** Deletes the users of the demo desk with all their data. @returns how many */
  async removeDemo(): Promise<number> {
    const removed = await this.users.deleteDemo();
    this.statuses.forgetAll();
    this.changes.hint();
    return removed;
  }

  @Atomic()
  private async applyChange(id: string, change: ChangeUser): Promise<User> {
    await this.#keepAnAdmin(id, change);
    const before = await this.users.findById(id);
    let user: User | undefined;
    if (change.displayName !== undefined || change.roles !== undefined) {
      user = await this.users.update(id, {
        ...(change.displayName === undefined ? {} : { displayName: change.displayName }),
        ...(change.roles === undefined ? {} : { roles: change.roles }),
      });
    }
    if (change.disabled !== undefined) user = await this.users.setDisabled(id, change.disabled);
    if (change.disabled === true) {
      await this.access.revokeLogins(id, 'user_disabled');
      await this.access.revokeKeys(id, 'user_disabled');
    }
    user ??= await this.users.findById(id);
    if (before === undefined || user === undefined) throw userNotFound(id);
    await this.audit.record({
      action: 'user_changed',
      subject: { kind: 'user', id },
      ownerId: id,
      before: factsOf(before),
      after: factsOf(user),
    });
    return user;
  }

  @Atomic()
  private async insertUser(user: NewUser): Promise<User> {
    const made = await this.users.insert(user);
    if (made === undefined) throw emailTaken(user.email);
    const { id } = made;
    await this.audit.record({ action: 'user_added', subject: { kind: 'user', id }, ownerId: id, after: factsOf(made) });
    return made;
  }

  private async applyPassword(
    id: string,
    endApiKeys: boolean,
    action: 'password_changed' | 'password_reset',
    replace: () => Promise<User | undefined>,
  ): Promise<User | undefined> {
    const user = await this.recordPassword(id, endApiKeys, action, replace);
    if (user !== undefined) this.#announce(id);
    return user;
  }

  @Atomic()
  private async recordPassword(
    id: string,
    endApiKeys: boolean,
    action: 'password_changed' | 'password_reset',
    replace: () => Promise<User | undefined>,
  ): Promise<User | undefined> {
    const user = await replace();
    if (user === undefined) return undefined;
    await this.access.revokeLogins(id, 'password_changed');
    if (endApiKeys) await this.access.revokeKeys(id, 'password_changed');
    await this.audit.record({ action, subject: { kind: 'user', id }, ownerId: id });
    return user;
  }

  async #keepAnAdmin(id: string, change: ChangeUser): Promise<void> {
    const takesAdminAway = change.disabled === true || (change.roles !== undefined && !change.roles.includes('admin'));
    if (!takesAdminAway) return;
    const admins = await this.users.lockAdmins();
    if (admins.length === 1 && admins[0] === id) throw lastAdmin();
  }

  #announce(userId: string): void {
    this.statuses.forgetUser(userId);
    this.changes.hint();
    this.logger.log({ msg: 'user changed', userId });
  }
}

/** Description of a user for the audit trail. */
function factsOf({ email, displayName, roles, disabledAt }: User): Record<string, unknown> {
  return { email, displayName, roles, disabled: disabledAt !== null };
}

function checked<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw fieldRefused(field, result.error.issues[0]!.message);
}
