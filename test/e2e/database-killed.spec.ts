import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Logger } from '@nestjs/common';
import { DeskHome } from '../../apps/cli/home/desk-home.js';
import { EmbeddedPostgres } from '../../apps/cli/postgres/embedded-postgres.js';
import { eventually } from '../setup/eventually.js';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder } from './desk-process.fixture.js';

const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };
const TWO_RESTARTS = join(import.meta.dirname, 'two-restarts-process.mjs');
/** Only guards against hanging. */
const LIMIT_MS = 60_000;

/**
 * The first process that a PostgreSQL has started, which runs as long as it. All of them use its shared memory. Until it has
 * its own title it looks like the PostgreSQL itself, and `killDatabase` would kill it, too.
 */
function childOf(postmaster: number): Promise<number> {
  return eventually(() => {
    const [first] = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8').split(' ');
    expect(readFileSync(`/proc/${first}/cmdline`, 'utf8')).toMatch(/^postgres: /);
    return Number(first);
  }, LIMIT_MS);
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}

// One folder: each test leaves its desk running or stopped for the next one.
describe('the embedded PostgreSQL, killed (kill -9) under a running desk', () => {
  const folder = new DeskFolder();

  beforeAll(buildIfStale);
  afterAll(() => folder.remove());

  const data = () => join(folder.home, 'postgres');
  const embedded = () => new EmbeddedPostgres(DeskHome.of({ DESKWIRE_HOME: folder.home }));
  const postmaster = () => Number(readFileSync(join(data(), 'postmaster.pid'), 'utf8').split('\n')[0]);
  const signIn = async (url: string) =>
    (
      await fetch(`${url}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD }),
      })
    ).status;

  it.each([
    ['alone', () => process.kill(postmaster(), 'SIGKILL')],
    ['with all its sessions', () => folder.killDatabase()],
  ])('the embedded PostgreSQL killed %s is restarted, and the desk logs it and continues', async (_what, kill) => {
    const { desk, url } = await folder.running(ADMIN);
    expect(await signIn(url)).toBe(200);
    const before = postmaster();
    desk.stdout = desk.stderr = '';
    kill();
    await desk.says(/the embedded PostgreSQL ended unasked; starting it again/);
    await desk.says(/the embedded PostgreSQL runs again/);
    expect(postmaster()).not.toBe(before);
    await eventually(async () => expect(await signIn(url)).toBe(200), LIMIT_MS);
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), LIMIT_MS);
  });

  it('a desk that is stopping does not restart a killed PostgreSQL', async () => {
    const { desk } = await folder.running(ADMIN);
    folder.killDatabase();
    desk.kill('SIGTERM');
    expect(await desk.exit).toBe(0);
    await eventually(() => expect(folder.processes()).toEqual([]), LIMIT_MS);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(false);
  });

  it('a restarted PostgreSQL stops in order with what started it', async () => {
    Logger.overrideLogger(false);
    const postgres = embedded();
    await postgres.start();
    void postgres.keep();
    const before = postmaster();
    process.kill(before, 'SIGKILL');
    await eventually(() => {
      expect(postmaster()).not.toBe(before);
      expect(readFileSync(join(data(), 'postmaster.pid'), 'utf8')).toContain('ready');
    }, LIMIT_MS);
    expect(folder.left()).not.toEqual([]);
    await postgres.stop();
    expect(folder.left()).toEqual([]);
  });

  it('a desk waits for a process that outlived its killed PostgreSQL, and starts when that has ended', async () => {
    await embedded().start();
    const left = await childOf(postmaster());
    kill(left, 'SIGSTOP');
    try {
      folder.killDatabase();
      const log = join(folder.home, 'postgres.log');
      const refusals = () => readFileSync(log, 'utf8').split('pre-existing shared memory block').length;
      const before = refusals();
      const next = folder.running({ ...ADMIN, NODE_OPTIONS: `--import ${TWO_RESTARTS}` });
      await eventually(() => expect(refusals()).toBeGreaterThan(before), LIMIT_MS);
      kill(left, 'SIGCONT');
      expect(await signIn((await next).url)).toBe(200);
    } finally {
      kill(left, 'SIGCONT');
    }
  });

  it('a PostgreSQL that cannot be restarted ends the desk with its reason and exit code 69', async () => {
    const { desk, url } = await folder.running({ ...ADMIN, NODE_OPTIONS: `--import ${TWO_RESTARTS}` });
    rmSync(join(data(), 'global', 'pg_control'));
    folder.killDatabase();
    await desk.says(/the embedded PostgreSQL ended unasked/);
    // Retried, because the desk may close a kept-alive connection while the request is sent.
    await eventually(async () => expect(await signIn(url)).toBe(503), LIMIT_MS);
    expect(await desk.exit).toBe(69);
    expect(desk.stderr).toContain('could not be started again');
    expect(desk.stderr).toContain('pg_control');
    expect(desk.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
    expect(folder.processes()).toEqual([]);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(false);
  });
});
