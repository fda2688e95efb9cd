import { jest } from '@jest/globals';
import { Authenticator, AuthModule, type Principal, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { ApiKeysService } from '../../../libs/auth/api-keys/api-keys.service.js';
import { PasswordHasher } from '../../../libs/auth/credentials/password-hasher.js';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { PasswordsService } from '../../../libs/auth/users/passwords.service.js';
import { runTask } from '../../setup/run-task.js';
import { testModule } from '../../setup/test-module.js';

type Module = Awaited<ReturnType<typeof testModule>>;

const ORIGIN = { ip: '127.0.0.1', userAgent: undefined };
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('users', () => {
  let module: Module;
  let users: UsersService;
  let logins: LoginService;
  let database: Database;

  beforeAll(async () => {
    module = await testModule([AuthModule]);
    users = module.get(UsersService);
    logins = module.get(LoginService);
    database = module.get(Database);
  });
  afterAll(() => module.close());

  /** A new user who has signed in and made an API key. */
  async function withKey(email: string) {
    const { user } = await users.add({ email, roles: ['trader'], password: 'a password of length' });
    const { accessToken } = await logins.login(email, 'a password of length', ORIGIN);
    const principal = await module.get(Authenticator).authenticate(accessToken);
    const wanted = { name: 'feeder', roles: ['trader'] as const, expiresInDays: 30 };
    const { key } = await module.get(ApiKeysService).create(principal, wanted);
    await module.get(Authenticator).authenticate(key);
    return { user, key, principal, accessToken };
  }

  it('a new user gets a one-time password, or the given one', async () => {
    const made = await users.add({ email: 'made@example.com', roles: ['viewer'] });
    await logins.login('made@example.com', made.oneTimePassword!, ORIGIN);
    const given = await users.add({ email: 'given@example.com', roles: ['viewer'], password: 'a password of length' });
    expect(given.oneTimePassword).toBeUndefined();
    expect(given.user).toMatchObject({
      email: 'given@example.com',
      displayName: 'given',
      isDemo: false,
      disabledAt: null,
    });
  });

  it('an e-mail belongs to one user, whatever its spelling', async () => {
    await users.add({ email: 'twice@example.com', roles: ['viewer'] });
    expect(await code(users.add({ email: ' TWICE@Example.com', roles: ['viewer'] }))).toBe('AUTH_EMAIL_TAKEN');
  });

  it('a user with a short password or a malformed e-mail is refused', async () => {
    expect(await code(users.add({ email: 'short@example.com', roles: ['viewer'], password: 'short' }))).toBe(
      'REQUEST_INVALID',
    );
    expect(await code(users.add({ email: 'not an address', roles: ['viewer'] }))).toBe('REQUEST_INVALID');
  });

  it('a password reset ends the logins of the user, who signs in with the new password', async () => {
    await users.add({ email: 'reset@example.com', roles: ['viewer'], password: 'the first password' });
    const before = await logins.login('reset@example.com', 'the first password', ORIGIN);
    const { oneTimePassword } = await users.resetPassword('reset@example.com');
    expect(await code(module.get(Authenticator).authenticate(before.accessToken))).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(logins.login('reset@example.com', 'the first password', ORIGIN))).toBe(
      'AUTH_CREDENTIALS_REFUSED',
    );
    expect(await code(logins.login('reset@example.com', oneTimePassword!, ORIGIN))).toBe('done');
  });

  it('a password reset ends the API keys of the user', async () => {
    const { user, key } = await withKey('keyed@example.com');
    await users.resetPassword(user.id);
    expect(await code(module.get(Authenticator).authenticate(key))).toBe('AUTH_UNAUTHENTICATED');
    expect(await users.access.listKeys(user.id)).toEqual([]);
  });

  it('a password change keeps the API keys unless it sets `endApiKeys`', async () => {
    const { user, key, principal } = await withKey('changing@example.com');
    const change = async (who: Principal, currentPassword: string, newPassword: string, endApiKeys: boolean) =>
      module.get(PasswordsService).change(who, { currentPassword, newPassword, endApiKeys }, ORIGIN.ip);
    await change(principal, 'a password of length', 'the second password', false);
    expect(await code(module.get(Authenticator).authenticate(key))).toBe('done');
    const again = await logins.login(user.email, 'the second password', ORIGIN);
    const back = await module.get(Authenticator).authenticate(again.accessToken);
    await change(back, 'the second password', 'the third password', true);
    expect(await code(module.get(Authenticator).authenticate(key))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('a password change that crosses a reset by an admin does not undo it', async () => {
    const { principal, user } = await withKey('crossing@example.com');
    const hasher = module.get(PasswordHasher);
    const verify = jest.spyOn(hasher, 'verify').mockImplementationOnce(async (...given) => {
      const matches = await hasher.verify(...given);
      await users.resetPassword(user.id, 'the password of the admin');
      return matches;
    });
    const body = { currentPassword: 'a password of length', newPassword: 'that of a thief', endApiKeys: false };
    const change = module.get(PasswordsService).change(principal, body, ORIGIN.ip);
    expect(await code(change)).toBe('AUTH_CURRENT_PASSWORD_WRONG');
    verify.mockRestore();
    expect(await code(logins.login(user.email, 'that of a thief', ORIGIN))).toBe('AUTH_CREDENTIALS_REFUSED');
    await logins.login(user.email, 'the password of the admin', ORIGIN);
  });

  it('a login that a password reset has ended makes no API key, although its request began before', async () => {
    const { principal, user } = await withKey('outliving@example.com');
    await users.resetPassword(user.id);
    const wanted = { name: 'of a thief', roles: ['trader'] as const, expiresInDays: 30 };
    expect(await code(module.get(ApiKeysService).create(principal, wanted))).toBe('AUTH_UNAUTHENTICATED');
    expect(await users.access.listKeys(user.id)).toEqual([]);
  });

  it('enabling a user revives no API key and no login', async () => {
    const { user, key, accessToken } = await withKey('revived@example.com');
    await users.disable(user.id);
    await users.enable(user.id);
    for (const token of [key, accessToken])
      expect(await code(module.get(Authenticator).authenticate(token))).toBe('AUTH_UNAUTHENTICATED');
    const again = await logins.login(user.email, 'a password of length', ORIGIN);
    expect(await code(module.get(Authenticator).authenticate(again.accessToken))).toBe('done');
  });

  it('an admin lists the logins and API keys of a user and ends one or all, of that user only', async () => {
    const { user, key } = await withKey('watched-over@example.com');
    const other = await withKey('bystander@example.com');
    await logins.login(user.email, 'a password of length', { ip: '192.0.2.7', userAgent: 'a browser' });
    const [newest, first] = await users.access.listLogins(user.email);
    expect(newest).toMatchObject({ address: '192.0.2.7', userAgent: 'a browser' });
    const [keyId] = (await users.access.listKeys(user.id)).map(({ id }) => id);
    expect(await code(users.access.endLogins(other.user.id, newest!.id))).toBe('AUTH_LOGIN_NOT_FOUND');
    expect(await code(users.access.endKeys(other.user.id, keyId))).toBe('AUTH_API_KEY_NOT_FOUND');
    expect(await users.access.endLogins(user.id, newest!.id)).toBe(1);
    expect((await users.access.listLogins(user.id)).map(({ id }) => id)).toEqual([first!.id]);
    expect(await users.access.endLogins(user.id)).toBe(1);
    expect(await users.access.endKeys(user.id, keyId)).toBe(1);
    expect(await users.access.endKeys(user.id)).toBe(0);
    expect(await code(module.get(Authenticator).authenticate(key))).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(module.get(Authenticator).authenticate(other.key))).toBe('done');
    expect(await code(users.access.listKeys('nobody@example.com'))).toBe('AUTH_USER_NOT_FOUND');
  });

  it('a user cannot sign in while disabled, and can again when enabled', async () => {
    await users.add({ email: 'paused@example.com', roles: ['viewer'], password: 'a password of length' });
    const login = () => code(logins.login('paused@example.com', 'a password of length', ORIGIN));
    await users.disable('paused@example.com');
    expect(await login()).toBe('AUTH_CREDENTIALS_REFUSED');
    await users.enable('paused@example.com');
    expect(await login()).toBe('done');
  });

  it('one admin who can sign in always remains, even when two disable each other at once', async () => {
    const { items } = await users.list({ sort: 'createdAt', limit: 500 });
    const first = items.find((user) => user.roles.includes('admin'))!;
    expect(await code(users.disable(first.id))).toBe('AUTH_LAST_ADMIN');
    expect(await code(users.change(first.id, { roles: ['operator'] }))).toBe('AUTH_LAST_ADMIN');
    const { user: second } = await users.add({ email: 'second-admin@example.com', roles: ['admin'] });
    const both = await Promise.all([code(users.disable(first.id)), code(users.disable(second.id))]);
    expect(both.sort()).toEqual(['AUTH_LAST_ADMIN', 'done']);
  });

  it('a user is found by id and by e-mail, and reported missing by both', async () => {
    const byEmail = await users.find('GIVEN@example.com');
    expect(await users.find(byEmail.id)).toEqual(byEmail);
    expect(await code(users.find('nobody@example.com'))).toBe('AUTH_USER_NOT_FOUND');
    expect(await code(users.disable('01890000-0000-7000-8000-000000000000'))).toBe('AUTH_USER_NOT_FOUND');
  });

  it('users are listed in pages, each user once', async () => {
    const all = (await users.list({ sort: 'createdAt', limit: 500 })).items.map((user) => user.id);
    const paged: string[] = [];
    const key = () =>
      paged.length === 0 ? {} : { cursor: ['createdAt', '', paged.at(-1)!] as [string, string, string] };
    let more = true;
    while (more) {
      const page = await users.list({ sort: 'createdAt', limit: 2, ...key() });
      paged.push(...page.items.map((user) => user.id));
      more = page.nextCursor !== null;
    }
    expect(paged).toEqual(all);
    expect((await users.listAll()).map((user) => user.id)).toEqual(all);
  });

  it('removing the demo desk removes its users and no others', async () => {
    const before = (await users.list({ sort: 'createdAt', limit: 500 })).items.length;
    for (let n = 0; n < 3; n++) await users.add({ email: `demo${n}@example.com`, roles: ['trader'], isDemo: true });
    expect(await users.removeDemo()).toBe(3);
    expect((await users.list({ sort: 'createdAt', limit: 500 })).items).toHaveLength(before);
  });

  it('the table refuses a role that does not exist', async () => {
    const insert = database.run(
      `INSERT INTO users (email, password_hash, display_name, roles) VALUES ('x@y', 'x', 'x', '{root}')`,
    );
    await expect(insert).rejects.toMatchObject({ constraint: 'ck_users_roles' });
  });

  it('every change of a user is appended to the change feed in the same transaction', async () => {
    const { user } = await users.add({ email: 'watched@example.com', roles: ['viewer'] });
    await users.change(user.id, { roles: ['trader'], displayName: 'Watched' });
    await users.disable(user.id);
    const rows = await database.rows(`SELECT FROM change_feed WHERE topic = 'users' AND key = $1`, [user.id]);
    expect(rows.length).toBeGreaterThanOrEqual(3);
  });

  it('logins that ended 30 days ago are deleted, and only those', async () => {
    const { user } = await users.add({
      email: 'tidy@example.com',
      roles: ['viewer'],
      password: 'a password of length',
    });
    await logins.login('tidy@example.com', 'a password of length', ORIGIN);
    await logins.login('tidy@example.com', 'a password of length', ORIGIN);
    await database.run(
      `UPDATE logins SET expires_at = now() - interval '31 days' WHERE id = (SELECT max(id::text)::uuid FROM logins WHERE user_id = $1)`,
      [user.id],
    );
    await runTask(module, 'retention-logins');
    expect(await database.rows('SELECT FROM logins WHERE user_id = $1', [user.id])).toHaveLength(1);
  });
});
