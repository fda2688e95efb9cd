import { randomBytes } from 'node:crypto';
import type { UsersService } from '#auth';
import { DomainError } from '#errors';
import { DEMO_USERS } from './demo-plan.js';

/** Stores the passwords of the demo users. They are generated for each home, so that no two desks share one. */
export interface DemoPasswords {
  read(): Record<string, string>;
  write(passwords: Record<string, string>): void;
}

export interface DemoLogin {
  email: string;
  password: string;
  role: string;
}

/** Creates the missing demo users. @returns their ids by e-mail address, and their passwords */
export async function ensureDemoAccounts(
  users: UsersService,
  kept: DemoPasswords,
): Promise<{ ids: Map<string, string>; logins: DemoLogin[] }> {
  const passwords = { ...kept.read() };
  const ids = new Map<string, string>();
  let made = false;
  for (const { email, displayName, role } of DEMO_USERS) {
    const known = await users.find(email).catch(absent);
    if (known && !known.isDemo)
      throw new Error(
        `${email} is a user of your own, so there is no demo desk. Rename that user, or set DESKWIRE_DEMO=false.`,
      );
    const password = passwords[email] ?? randomBytes(9).toString('base64url').padEnd(12, 'x');
    if (!known)
      ids.set(email, (await users.add({ email, displayName, roles: [role], password, isDemo: true })).user.id);
    else ids.set(email, known.id);
    if (known && !passwords[email]) await users.resetPassword(email, password);
    made ||= passwords[email] !== password;
    passwords[email] = password;
  }
  if (made) kept.write(passwords);
  return { ids, logins: DEMO_USERS.map(({ email, role }) => ({ email, role, password: passwords[email]! })) };
}

function absent(error: unknown): undefined {
  if (error instanceof DomainError && error.details.kind === 'not_found') return undefined;
  throw error;
}
