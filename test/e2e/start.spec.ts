import { jest } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../setup/eventually.js';
import { buildIfStale, DeskFolder, type DeskProcess } from './desk-process.fixture.js';

jest.setTimeout(120_000);

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;

let folder: DeskFolder;

beforeAll(buildIfStale, 120_000);
beforeEach(() => {
  folder = new DeskFolder();
});
afterEach(() => folder.remove());

/** Neither a process nor a lock is left. */
async function expectNothingLeft(): Promise<void> {
  await eventually(() => expect(folder.processes()).toEqual([]), 5_000);
  expect(existsSync(join(folder.home, 'owner.json'))).toBe(false);
  expect(existsSync(join(folder.home, 'postgres', 'postmaster.pid'))).toBe(false);
}

async function signIn(url: string, email: string, password: string): Promise<Response> {
  return fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
}

function firstAdmin(desk: DeskProcess): { email: string; password: string } | undefined {
  const found = /First admin\s+(\S+)\s+Password\s+(\S+)/.exec(desk.stdout);
  return found ? { email: found[1]!, password: found[2]! } : undefined;
}

describe('a start', () => {
  it('on an empty folder says where everything is and prints an admin who can sign in, once', async () => {
    const first = folder.serve();
    const url = await first.ready();
    for (const what of [
      'Live page',
      '/docs',
      '/openapi.json',
      '/asyncapi.json',
      '/metrics',
      '/health',
      folder.home,
      'embedded PostgreSQL',
    ])
      expect(first.stdout).toContain(what);
    const admin = firstAdmin(first)!;
    expect((await signIn(url, admin.email, admin.password)).status).toBe(200);
    expect(await (await fetch(`${url}/`)).text()).toContain('<html');
    const { password } = JSON.parse(readFileSync(join(folder.home, 'postgres.json'), 'utf8')) as { password: string };
    expect(first.stdout).not.toContain(password);
    first.kill('SIGTERM');
    expect(await first.exit).toBe(0);

    const second = folder.serve();
    const again = await second.ready();
    expect(firstAdmin(second)).toBeUndefined();
    expect((await signIn(again, admin.email, admin.password)).status).toBe(200);
  });

  it('takes the first admin from ADMIN_EMAIL and ADMIN_PASSWORD, and does not print that password', async () => {
    const desk = folder.serve({ ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' });
    const url = await desk.ready();
    expect(desk.stdout).toContain('ops@desk.example');
    expect(desk.stdout + desk.stderr).not.toContain('a password of the operator');
    expect((await signIn(url, 'ops@desk.example', 'a password of the operator')).status).toBe(200);
  });

  it('makes secrets once, readable by nobody else, and keeps them over restarts', async () => {
    const secrets = join(folder.home, 'secrets.json');
    await folder.run(['config', 'check']).exit;
    const made = readFileSync(secrets, 'utf8');
    expect(statSync(secrets).mode & 0o777).toBe(0o600);
    const desk = folder.serve();
    await desk.ready();
    for (const file of ['postgres.json', 'postgres.log', 'owner.json'])
      expect(statSync(join(folder.home, file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(secrets, 'utf8')).toBe(made);
    for (const value of Object.values(JSON.parse(made) as Record<string, string>)) {
      expect(Buffer.from(value, 'base64')).toHaveLength(32);
      expect(desk.stdout + desk.stderr).not.toContain(value);
    }
  });

  it('stops the boot with 78 and a table of every wrong key, and starts nothing', async () => {
    const desk = folder.serve({ PORT: 'eighty', DATABASE_POOL_MAX: '0' });
    expect(await desk.exit).toBe(78);
    expect(desk.stderr).toContain('PORT');
    expect(desk.stderr).toContain('DATABASE_POOL_MAX');
    expect(desk.stderr).not.toMatch(STACK);
    expect(existsSync(join(folder.home, 'postgres'))).toBe(false);
  });

  it('in production makes up no secret and no database', async () => {
    const desk = folder.serve({ NODE_ENV: 'production' });
    expect(await desk.exit).toBe(78);
    for (const key of ['DATABASE_URL', 'JWT_SECRET_KEY', 'SESSIONS_ENCRYPTION_KEY', 'WEBHOOK_ENCRYPTION_KEY'])
      expect(desk.stderr).toContain(key);
    expect(existsSync(join(folder.home, 'secrets.json'))).toBe(false);
  });

  it('on a port that is taken says so, exits 69 and leaves nothing', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    try {
      const desk = folder.serve({ PORT: String(port) });
      expect(await desk.exit).toBe(69);
      expect(desk.stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
      expect(desk.stderr).not.toMatch(STACK);
      await expectNothingLeft();
    } finally {
      other.close();
    }
  });

  it('of two in one home refuses the second with 75, who names the first, which is not disturbed', async () => {
    const first = folder.serve();
    const url = await first.ready();
    const second = folder.serve();
    expect(await second.exit).toBe(75);
    expect(second.stderr).toContain(`process ${first.child.pid}`);
    expect(second.stderr).toContain(url);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    first.kill('SIGTERM');
    expect(await first.exit).toBe(0);
  });

  it('of four at the same moment runs one', async () => {
    const desks = [1, 2, 3, 4].map(() => folder.serve());
    const won = await Promise.any(desks.map(async (desk) => ({ desk, url: await desk.ready() })));
    const others = desks.filter((desk) => desk !== won.desk);
    expect(await Promise.all(others.map((desk) => desk.exit))).toEqual([75, 75, 75]);
    expect((await fetch(`${won.url}/health/ready`)).status).toBe(200);
  });
});

describe('a stop', () => {
  it.each([
    ['Ctrl-C (SIGINT to the whole group)', 'SIGINT', 'group'],
    ['SIGTERM to the process alone', 'SIGTERM', 'process'],
    ['a terminal that closes (SIGHUP)', 'SIGHUP', 'group'],
  ] as const)('by %s ends the database too, and leaves no process and no lock', async (_name, signal, whom) => {
    const desk = folder.serve();
    await desk.ready();
    expect(folder.processes().length).toBeGreaterThan(0);
    desk.kill(signal, whom);
    expect(await desk.exit).toBe(0);
    await expectNothingLeft();
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 'group'],
    ['SIGTERM to npm alone', 'SIGTERM', 'process'],
  ] as const)('of `npm start` by %s leaves nothing either', async (_name, signal, whom) => {
    const desk = folder.npmStart();
    await desk.ready();
    desk.kill(signal, whom);
    await desk.exit;
    await expectNothingLeft();
  });

  it('in the middle of the start leaves nothing', async () => {
    const desk = folder.serve();
    await eventually(() => expect(existsSync(join(folder.home, 'owner.json'))).toBe(true), 20_000);
    desk.kill('SIGINT', 'group');
    expect(await desk.exit).toBe(0);
    expect(desk.stdout).not.toContain('Deskwire is ready');
    await expectNothingLeft();
    const next = folder.serve();
    await next.ready();
    expect(firstAdmin(next)).toBeDefined();
  });
});

describe('a killed run (kill -9)', () => {
  it('that leaves its PostgreSQL behind is recovered from by the next start, with all its data', async () => {
    const killed = folder.serve();
    await killed.ready();
    const admin = firstAdmin(killed)!;
    killed.kill('SIGKILL');
    await killed.exit;
    expect(folder.processes().length).toBeGreaterThan(0);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(true);

    const next = folder.serve();
    const url = await next.ready();
    expect(next.stdout).toContain('recovered');
    expect((await signIn(url, admin.email, admin.password)).status).toBe(200);
    next.kill('SIGTERM');
    expect(await next.exit).toBe(0);
    await expectNothingLeft();
  });

  it('that takes PostgreSQL with it is recovered from too', async () => {
    const killed = folder.serve();
    await killed.ready();
    const admin = firstAdmin(killed)!;
    killed.kill('SIGKILL');
    folder.killDatabase();
    await eventually(() => expect(folder.processes()).toEqual([]), 5_000);
    expect(existsSync(join(folder.home, 'postgres', 'postmaster.pid'))).toBe(true);

    const next = folder.serve();
    expect((await signIn(await next.ready(), admin.email, admin.password)).status).toBe(200);
  });
});

const asRoot = process.getuid?.() === 0;
(asRoot ? describe : describe.skip)(
  `a home that PostgreSQL's user cannot enter${asRoot ? '' : ' (skipped: only root has one)'}`,
  () => {
    it('keeps its data elsewhere, with a link, and says so', async () => {
      const closed = join(folder.home, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const desk = folder.serve({ DESKWIRE_HOME: join(closed, 'home') });
      await desk.ready();
      const moved = /the data is in (\S+)/.exec(desk.stdout)![1]!;
      try {
        expect(existsSync(join(moved, 'PG_VERSION'))).toBe(true);
        expect(existsSync(join(closed, 'home', 'postgres', 'PG_VERSION'))).toBe(true);
        desk.kill('SIGTERM');
        expect(await desk.exit).toBe(0);
        expect(existsSync(join(moved, 'postmaster.pid'))).toBe(false);
      } finally {
        desk.kill('SIGTERM');
        await desk.exit;
        rmSync(moved, { recursive: true, force: true });
      }
    });
  },
);
