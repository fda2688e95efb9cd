import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { eventually } from '../setup/eventually.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder, type DeskProcess } from './desk-process.fixture.js';

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;
const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };

beforeAll(buildIfStale);

async function expectNothingLeft(folder: DeskFolder): Promise<void> {
  await eventually(() => expect(folder.left()).toEqual([]));
}

async function stops(folder: DeskFolder, desk: DeskProcess, signal: NodeJS.Signals, whom: 'process' | 'group') {
  expect(folder.processes().length).toBeGreaterThan(0);
  desk.kill(signal, whom);
  expect(await desk.exit).toBe(0);
  await expectNothingLeft(folder);
}

async function signIn(url: string, email: string, password: string): Promise<number> {
  const response = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return response.status;
}

function firstAdmin(desk: DeskProcess): { email: string; password: string } | undefined {
  const found = /First admin\s+(\S+)\s+Password\s+(\S+)/.exec(desk.stdout);
  return found ? { email: found[1]!, password: found[2]! } : undefined;
}

/** Runs `deskwire serve` in this process. For starts that end before the database is started. */
function refused(folder: DeskFolder, environment: Record<string, string> = {}): CommandRun {
  return new CommandLine(folder.home).run(['serve'], { PORT: '0', ...environment });
}

// One folder, whose desk is started and stopped many times. Each test leaves it for the next one.
describe('a desk', () => {
  const folder = new DeskFolder();
  const secrets = join(folder.home, 'secrets.json');
  let admin: { email: string; password: string };
  let made: string;

  afterAll(() => folder.remove());

  it('an interrupted first start leaves nothing', async () => {
    const desk = folder.serve();
    await eventually(() => expect(existsSync(join(folder.home, 'owner.json'))).toBe(true));
    desk.kill('SIGINT', 'group');
    expect(await desk.exit).toBe(0);
    expect(desk.stdout).not.toContain('Deskwire is ready');
    await expectNothingLeft(folder);
  });

  it('the start after an interrupted one prints its addresses and an admin who can sign in', async () => {
    const { desk, url } = await folder.running();
    for (const what of ['Console', '/docs', '/openapi.json', '/asyncapi.json', '/metrics', '/health', folder.home])
      expect(desk.stdout).toContain(what);
    expect(desk.stdout).toContain('embedded PostgreSQL');
    admin = firstAdmin(desk)!;
    expect(await signIn(url, admin.email, admin.password)).toBe(200);
    expect(await (await fetch(`${url}/`)).text()).toContain('<html');
    const { password } = JSON.parse(readFileSync(join(folder.home, 'postgres.json'), 'utf8')) as { password: string };
    expect(desk.stdout).not.toContain(password);
  });

  it('a first start creates secrets that only its user can read, and prints none', async () => {
    const { desk } = await folder.running();
    for (const file of ['secrets.json', 'postgres.json', 'postgres.log', 'owner.json'])
      expect(statSync(join(folder.home, file)).mode & 0o777).toBe(0o600);
    made = readFileSync(secrets, 'utf8');
    for (const value of Object.values(JSON.parse(made) as Record<string, string>)) {
      expect(Buffer.from(value, 'base64')).toHaveLength(32);
      expect(desk.stdout + desk.stderr).not.toContain(value);
    }
  });

  it('a second desk in the same folder exits with 75 and the id of the running process', async () => {
    const { desk, url } = await folder.running();
    const second = refused(folder);
    expect(await second.exit).toBe(75);
    expect(second.stderr).toContain(`process ${desk.child.pid}`);
    expect(second.stderr).toContain(url);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
  });

  it('SIGTERM to the process alone stops the desk and its database and leaves no process and no lock', async () =>
    stops(folder, (await folder.running()).desk, 'SIGTERM', 'process'));

  it('a desk whose port is taken exits with 69 and the reason, and leaves nothing', async () => {
    const other = createServer();
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    );
    try {
      const desk = folder.serve({ PORT: String(port) });
      expect(await desk.exit).toBe(69);
      expect(desk.stderr).toContain(`Port ${port} of 127.0.0.1 is taken`);
      expect(desk.stderr).not.toMatch(STACK);
      await expectNothingLeft(folder);
    } finally {
      other.close();
    }
  });

  it('a restarted desk keeps its secrets and its admin, and prints no password', async () => {
    const { desk, url } = await folder.running();
    expect(firstAdmin(desk)).toBeUndefined();
    expect(readFileSync(secrets, 'utf8')).toBe(made);
    expect(await signIn(url, admin.email, admin.password)).toBe(200);
  });

  it('a start after kill -9 of the desk without its PostgreSQL recovers all data', async () => {
    const { desk: killed } = await folder.running();
    killed.kill('SIGKILL');
    await killed.exit;
    expect(folder.processes().length).toBeGreaterThan(0);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(true);

    const { desk, url } = await folder.running();
    expect(desk.stdout).toContain('recovered');
    expect(await signIn(url, admin.email, admin.password)).toBe(200);
  });

  it('a start (`npm start`) after kill -9 of the desk and its PostgreSQL recovers all data', async () => {
    const { desk: killed } = await folder.running();
    killed.kill('SIGKILL');
    folder.killDatabase();
    await killed.exit;
    await eventually(() => expect(folder.processes()).toEqual([]));
    expect(existsSync(join(folder.home, 'postgres', 'postmaster.pid'))).toBe(true);

    const { url } = await folder.running({}, 'npm start');
    expect(await signIn(url, admin.email, admin.password)).toBe(200);
  });

  it.each([
    ['Ctrl-C', 'SIGINT', 'group'],
    ['SIGTERM to npm alone', 'SIGTERM', 'process'],
  ] as const)('`npm start` stopped by %s leaves nothing', async (_name, signal, whom) => {
    const { desk } = await folder.running({}, 'npm start');
    desk.kill(signal, whom);
    await desk.exit;
    await expectNothingLeft(folder);
  });
});

describe('the start', () => {
  let folder: DeskFolder;

  beforeEach(() => void (folder = new DeskFolder()));
  afterEach(() => folder.remove());

  it('of three concurrent starts in an empty folder one runs, with the admin of ADMIN_EMAIL, until its terminal closes (SIGHUP)', async () => {
    expect(await new CommandLine(folder.home).run(['config', 'check']).exit).toBe(0);
    const made = readFileSync(join(folder.home, 'secrets.json'), 'utf8');
    const desks = [1, 2, 3].map(() => folder.serve(ADMIN));
    const { desk, url } = await Promise.any(desks.map(async (desk) => ({ desk, url: await desk.ready() })));
    const others = desks.filter((other) => other !== desk);
    expect(await Promise.all(others.map((other) => other.exit))).toEqual([75, 75]);
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    expect(readFileSync(join(folder.home, 'secrets.json'), 'utf8')).toBe(made);
    expect(desk.stdout).toContain(ADMIN.ADMIN_EMAIL);
    expect(desk.stdout + desk.stderr).not.toContain(ADMIN.ADMIN_PASSWORD);
    expect(await signIn(url, ADMIN.ADMIN_EMAIL, ADMIN.ADMIN_PASSWORD)).toBe(200);
    await stops(folder, desk, 'SIGHUP', 'group');
  });

  it('a start with wrong settings exits with 78 and a table of every wrong key, and starts nothing', async () => {
    const run = refused(folder, { PORT: 'eighty', DATABASE_POOL_MAX: '0' });
    expect(await run.exit).toBe(78);
    expect(run.stderr).toContain('PORT');
    expect(run.stderr).toContain('DATABASE_POOL_MAX');
    expect(run.stderr).not.toMatch(STACK);
    expect(existsSync(join(folder.home, 'postgres'))).toBe(false);
  });

  it('a start in production creates no secret and no database', async () => {
    const run = refused(folder, { NODE_ENV: 'production' });
    expect(await run.exit).toBe(78);
    for (const key of ['DATABASE_URL', 'JWT_SECRET_KEY', 'SESSIONS_ENCRYPTION_KEY', 'WEBHOOK_ENCRYPTION_KEY'])
      expect(run.stderr).toContain(key);
    expect(existsSync(join(folder.home, 'secrets.json'))).toBe(false);
  });

  const asRoot = process.getuid?.() === 0;
  (asRoot ? it : it.skip)(
    `a folder that PostgreSQL cannot enter gets a link to the data, which is kept elsewhere${asRoot ? '' : ' (skipped: not root)'}`,
    async () => {
      const closed = join(folder.home, 'closed');
      mkdirSync(closed, { mode: 0o700 });
      const command = new CommandLine(folder.home);
      const users = () => command.run(['users', 'list', '--json'], { DESKWIRE_HOME: join(closed, 'home') });
      const first = users();
      expect(await first.json()).toEqual([]);
      const moved = /the data is in (\S+)/.exec(first.stderr)![1]!;
      try {
        expect(existsSync(join(moved, 'PG_VERSION'))).toBe(true);
        expect(existsSync(join(closed, 'home', 'postgres', 'PG_VERSION'))).toBe(true);
        expect(existsSync(join(moved, 'postmaster.pid'))).toBe(false);
        expect(await users().json()).toEqual([]);
      } finally {
        rmSync(moved, { recursive: true, force: true });
      }
    },
  );
});
