import { FirstAdmin } from '../../libs/auth/users/first-admin.js';
import type { Environment } from '#config';
import { Database } from '#database';
import { type RunningApp, startApp } from '../../apps/api/start-app.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';

const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };

let database: TestDatabase;
let desks: RunningApp[] = [];

async function start(env: Environment = {}): Promise<RunningApp> {
  const desk = await startApp(testEnvironment(database.url, env));
  desks.push(desk);
  return desk;
}

/** Polls without a pause, so that the next request is the first one of a ready desk. */
async function untilReady({ url }: RunningApp): Promise<void> {
  while ((await fetch(`${url}/health/ready`)).status !== 200);
}

async function signIn({ url }: RunningApp, email: string, password: string): Promise<number> {
  const response = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return response.status;
}

afterEach(async () => {
  await Promise.all(desks.map(({ app }) => app.close()));
  desks = [];
  await database.drop();
});

describe('the first admin', () => {
  it.each([1, 2, 3])(
    'the first admin can sign in with the first request after /health/ready answers 200 (start %i of 3)',
    async () => {
      database = await createTestDatabase();
      const desk = await start(ADMIN);
      await untilReady(desk);
      expect(await signIn(desk, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).toBe(200);
    },
  );

  it('four processes that start together create one first admin, who can sign in at each ready process', async () => {
    database = await createEmptyDatabase();
    const four = await Promise.all([1, 2, 3, 4].map(() => start(ADMIN)));
    const answers = await Promise.all(
      four.map(async (desk) => {
        await untilReady(desk);
        return signIn(desk, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD);
      }),
    );
    expect(answers).toEqual([200, 200, 200, 200]);
    expect(four.map(({ app }) => app.get(FirstAdmin, { strict: false }).take()).filter(Boolean)).toEqual([
      { email: ADMIN.ADMIN_EMAIL, oneTimePassword: undefined },
    ]);
  });

  it('without ADMIN_PASSWORD the first admin gets a one-time password, which one process prints once', async () => {
    database = await createTestDatabase();
    const desk = await start();
    await desk.ready;
    const first = desk.app.get(FirstAdmin, { strict: false });
    const made = first.take()!;
    expect(made.email).toBe('admin@deskwire.local');
    expect(await signIn(desk, made.email, made.oneTimePassword!)).toBe(200);
    expect(first.take()).toBeUndefined();
  });

  it('no first admin is created when there is an admin', async () => {
    database = await createTestDatabase();
    await (
      await start(ADMIN)
    ).ready;
    const second = await start({ ADMIN_EMAIL: 'another@desk.example', ADMIN_PASSWORD: 'another password of length' });
    await second.ready;
    expect(second.app.get(FirstAdmin, { strict: false }).take()).toBeUndefined();
    expect(await signIn(second, 'another@desk.example', 'another password of length')).toBe(401);
  });

  it('the start fails when ADMIN_EMAIL belongs to a user who is not an admin', async () => {
    database = await createTestDatabase();
    const first = await start(ADMIN);
    await first.ready;
    const [user] = await first.app
      .get(Database)
      .rows<{ email: string }>(`UPDATE users SET roles = '{trader}' RETURNING email`);
    expect(user).toEqual({ email: ADMIN.ADMIN_EMAIL });
    const second = await start(ADMIN);
    await expect(second.ready).rejects.toMatchObject({ code: 'AUTH_EMAIL_TAKEN' });
    expect((await fetch(`${second.url}/health/ready`)).status).toBe(503);
  });
});
