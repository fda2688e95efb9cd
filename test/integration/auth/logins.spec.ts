import { hash } from '@node-rs/argon2';
import { getToken } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { Authenticator, AuthModule, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { testModule } from '../../setup/test-module.js';

type Module = Awaited<ReturnType<typeof testModule>>;

const PASSWORD = 'correct horse battery';
const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('signing in', () => {
  let module: Module;
  let logins: LoginService;
  let users: UsersService;
  let database: Database;
  let addresses = 0;
  const hashesComputed = async (): Promise<number> => {
    const { values } = await module.get<Histogram>(getToken('auth_hash_duration_seconds')).get();
    return values.find((value) => value.metricName === 'auth_hash_duration_seconds_count')?.value ?? 0;
  };
  const from = (ip = `198.51.${Math.floor(addresses / 250)}.${addresses++ % 250}`) => ({ ip, userAgent: 'spec' });

  beforeAll(async () => {
    module = await testModule([AuthModule]);
    logins = module.get(LoginService);
    users = module.get(UsersService);
    database = module.get(Database);
    await users.add({ email: 'Owner@Example.com', roles: ['trader'], password: PASSWORD });
  });
  afterAll(() => module.close());

  it('signing in returns tokens of the user and stores only their hashes', async () => {
    const pair = await logins.login('owner@example.com', PASSWORD, from());
    expect(pair).toMatchObject({ expiresIn: 900, tokenType: 'Bearer' });
    const principal = await module.get(Authenticator).authenticate(pair.accessToken);
    expect(principal.roles).toEqual(['trader']);
    const [row] = await database.rows<{ text: string }>(
      `SELECT concat_ws(' ', u, s, t, encode(t.token_hash, 'escape')) AS text
       FROM users u JOIN logins s ON s.user_id = u.id JOIN refresh_tokens t ON t.login_id = s.id WHERE s.id = $1`,
      [principal.loginId],
    );
    expect(row!.text).toContain('$argon2id$');
    expect(row!.text).not.toContain(pair.refreshToken);
    expect(row!.text).not.toContain(PASSWORD);
  });

  it('an unknown e-mail, a wrong password and a disabled user get the same answer', async () => {
    const { user } = await users.add({ email: 'gone@example.com', roles: ['viewer'], password: PASSWORD });
    await users.disable(user.id);
    const answers = await Promise.all([
      code(logins.login('nobody@example.com', PASSWORD, from())),
      code(logins.login('owner@example.com', 'another password', from())),
      code(logins.login('gone@example.com', PASSWORD, from())),
    ]);
    expect(answers).toEqual(['AUTH_CREDENTIALS_REFUSED', 'AUTH_CREDENTIALS_REFUSED', 'AUTH_CREDENTIALS_REFUSED']);
  });

  it('a sign-in computes one hash for a known, an unknown and a disabled user, so its time reveals nothing', async () => {
    const { user } = await users.add({ email: 'left@example.com', roles: ['viewer'], password: PASSWORD });
    await users.disable(user.id);
    for (const email of ['owner@example.com', 'nobody@example.com', 'left@example.com']) {
      const before = await hashesComputed();
      expect(await code(logins.login(email, 'not the password', from()))).toBe('AUTH_CREDENTIALS_REFUSED');
      expect((await hashesComputed()) - before).toBe(1);
    }
  });

  it('signing in stores the password again at the configured cost', async () => {
    const { user } = await users.add({ email: 'old@example.com', roles: ['viewer'], password: PASSWORD });
    const weak = await hash(PASSWORD, { memoryCost: 8200, timeCost: 1, parallelism: 1 });
    await database.run('UPDATE users SET password_hash = $2 WHERE id = $1', [user.id, weak]);
    await logins.login('old@example.com', PASSWORD, from());
    const [row] = await database.rows<{ hash: string }>('SELECT password_hash AS hash FROM users WHERE id = $1', [
      user.id,
    ]);
    expect(row!.hash).toContain('m=8192,t=1,p=1');
    await logins.login('old@example.com', PASSWORD, from());
  });

  it('no login is opened if the password changed while it was checked', async () => {
    const { user } = await users.add({ email: 'raced@example.com', roles: ['viewer'], password: PASSWORD });
    const [login] = await Promise.allSettled([
      logins.login('raced@example.com', PASSWORD, from()),
      users.resetPassword(user.id, 'another horse battery'),
    ]);
    const [row] = await database.rows<{ alive: string }>(
      'SELECT count(*) AS alive FROM logins WHERE user_id = $1 AND revoked_at IS NULL',
      [user.id],
    );
    expect(row!.alive).toBe('0');
    expect(['fulfilled', 'rejected']).toContain(login.status);
  });

  it('of 1,000 concurrent sign-ins of one account four are accepted, the others are refused as busy, and none counts as a guess', async () => {
    await users.add({ email: 'busy@example.com', roles: ['viewer'], password: PASSWORD });
    const signIn = () => code(logins.login('busy@example.com', PASSWORD, from('203.0.113.1')));
    const answers = await Promise.all(Array.from({ length: 1000 }, signIn));
    expect(answers.filter((answer) => answer === 'done')).toHaveLength(4);
    expect(answers.filter((answer) => answer === 'AUTH_BUSY')).toHaveLength(996);
    expect(await signIn()).toBe('done');
  });

  it('an account that signs in 40 times at once, again and again, keeps none of 20 other users out', async () => {
    await users.add({ email: 'looping@example.com', roles: ['viewer'], password: PASSWORD });
    let stopped = false;
    const loop = async (): Promise<void> => {
      while (!stopped) {
        await code(logins.login('looping@example.com', PASSWORD, from('203.0.113.2')));
        // A refused sign-in waits for nothing, so the loop has to let others run.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    const loops = Array.from({ length: 40 }, loop);
    const others: string[] = [];
    for (let n = 0; n < 20; n++) {
      const email = `other-${n}@example.com`;
      await users.add({ email, roles: ['viewer'], password: PASSWORD });
      // Every second one shares the address of the loop, as in an office.
      others.push(await code(logins.login(email, PASSWORD, n % 2 === 0 ? from() : from('203.0.113.2'))));
    }
    stopped = true;
    await Promise.all(loops);
    expect(others.filter((answer) => answer !== 'done')).toEqual([]);
  });

  describe('under guessing', () => {
    it('the eleventh guess from one address is refused with a retry time, and another address may sign in', async () => {
      await users.add({ email: 'target@example.com', roles: ['viewer'], password: PASSWORD });
      const guess = () => logins.login('target@example.com', 'not the password', from('203.0.113.9'));
      for (let n = 0; n < 10; n++) expect(await code(guess())).toBe('AUTH_CREDENTIALS_REFUSED');
      const error = (await guess().catch((reason: unknown) => reason)) as DomainError;
      expect(error.code).toBe('AUTH_TOO_MANY_ATTEMPTS');
      expect(error.details.retryAfterMs).toBeGreaterThan(0);
      expect(await code(logins.login('target@example.com', PASSWORD, from('203.0.113.9')))).toBe(
        'AUTH_TOO_MANY_ATTEMPTS',
      );
      expect(await code(logins.login('target@example.com', PASSWORD, from('203.0.113.10')))).toBe('done');
    });

    it('an attacker with many addresses is stopped, and the owner still signs in from a known address', async () => {
      await users.add({ email: 'famous@example.com', roles: ['viewer'], password: PASSWORD });
      await logins.login('famous@example.com', PASSWORD, from('192.0.2.1'));
      const answers: string[] = [];
      for (let n = 0; n < 80; n++)
        answers.push(await code(logins.login('famous@example.com', 'not the password', from(`192.0.2.${n + 10}`))));
      expect(answers.filter((answer) => answer === 'AUTH_CREDENTIALS_REFUSED')).toHaveLength(50);
      expect(await code(logins.login('famous@example.com', PASSWORD, from('192.0.2.200')))).toBe(
        'AUTH_TOO_MANY_ATTEMPTS',
      );
      expect(await code(logins.login('famous@example.com', PASSWORD, from('192.0.2.1')))).toBe('done');
    });
  });
});
