import { FirstAdmin } from '../../libs/auth/users/first-admin.js';
import type { Environment } from '#config';
import { Database } from '#database';
import { type RunningApp, startApp } from '../../apps/api/start-app.js';
import { createEmptyDatabase, createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { testEnvironment } from '../setup/test-environment.js';

const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };

let desks: RunningApp[] = [];

async function start(database: TestDatabase, env: Environment = {}): Promise<RunningApp> {
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
});

// One database: each test leaves its users for the next one.
describe('the first admin', () => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('the first admin can sign in with the first request after /health/ready answers 200', async () => {
    const desk = await start(database, ADMIN);
    await untilReady(desk);
    expect(await signIn(desk, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).toBe(200);
  });

  it('no first admin is created when there is an admin', async () => {
    const another = { ADMIN_EMAIL: 'another@desk.example', ADMIN_PASSWORD: 'another password of length' };
    const second = await start(database, another);
    await second.ready;
    expect(second.app.get(FirstAdmin, { strict: false }).take()).toBeUndefined();
    expect(await signIn(second, another.ADMIN_EMAIL, another.ADMIN_PASSWORD)).toBe(401);
    // For the next test.
    const [user] = await second.app
      .get(Database)
      .rows<{ email: string }>(`UPDATE users SET roles = '{trader}' RETURNING email`);
    expect(user).toEqual({ email: ADMIN.ADMIN_EMAIL });
  });

  it('the start fails when ADMIN_EMAIL belongs to a user who is not an admin', async () => {
    const desk = await start(database, ADMIN);
    await expect(desk.ready).rejects.toMatchObject({ code: 'AUTH_EMAIL_TAKEN' });
    expect((await fetch(`${desk.url}/health/ready`)).status).toBe(503);
  });
});

describe('the first admin of an empty desk', () => {
  let database: TestDatabase;

  afterEach(() => database.drop());

  it('four processes that start together create one first admin, who can sign in at each ready process', async () => {
    database = await createEmptyDatabase();
    const four = await Promise.all([1, 2, 3, 4].map(() => start(database, ADMIN)));
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
    const desk = await start(database);
    await desk.ready;
    const first = desk.app.get(FirstAdmin, { strict: false });
    const made = first.take()!;
    expect(made.email).toBe('admin@deskwire.local');
    expect(await signIn(desk, made.email, made.oneTimePassword!)).toBe(200);
    expect(first.take()).toBeUndefined();
  });
});
