import { jest } from '@jest/globals';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../setup/eventually.js';
import { buildIfStale, DeskFolder, type DeskProcess } from './desk-process.fixture.js';

jest.setTimeout(120_000);

describe('the embedded PostgreSQL, killed (kill -9) under a running desk', () => {
  let folder: DeskFolder;
  let desk: DeskProcess;
  let url: string;

  beforeAll(buildIfStale, 120_000);
  beforeEach(async () => {
    folder = new DeskFolder();
    desk = folder.serve({ ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' });
    url = await desk.ready();
  });
  afterEach(() => folder.remove());

  const data = () => join(folder.home, 'postgres');
  const postmaster = () => Number(readFileSync(join(data(), 'postmaster.pid'), 'utf8').split('\n')[0]);
  const signIn = async () =>
    (
      await fetch(`${url}/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ops@desk.example', password: 'a password of the operator' }),
      })
    ).status;

  it.each([
    ['alone', () => process.kill(postmaster(), 'SIGKILL')],
    ['with all its sessions', () => folder.killDatabase()],
  ])('%s is started again, the desk says so and goes on, and stops in order afterwards', async (_what, kill) => {
    expect(await signIn()).toBe(200);
    const before = postmaster();
    kill();
    await desk.says(/the embedded PostgreSQL ended unasked; starting it again/);
    await desk.says(/the embedded PostgreSQL runs again/);
    expect(postmaster()).not.toBe(before);
    // Within 2 s of its return.
    await eventually(async () => expect(await signIn()).toBe(200), 2_000);
    await eventually(async () => expect((await fetch(`${url}/health/ready`)).status).toBe(200), 2_000);
    desk.kill('SIGTERM');
    expect(await desk.exit).toBe(0);
    await eventually(() => expect(folder.processes()).toEqual([]), 5_000);
    for (const left of ['owner.json', 'postgres/postmaster.pid'])
      expect(existsSync(join(folder.home, left))).toBe(false);
  });

  it('that cannot be started again ends the desk: it says why and exits 69', async () => {
    rmSync(join(data(), 'global', 'pg_control'));
    folder.killDatabase();
    await desk.says(/the embedded PostgreSQL ended unasked/);
    expect(await signIn()).toBe(503);
    expect(await desk.exit).toBe(69);
    expect(desk.stderr).toContain('could not be started again');
    expect(desk.stderr).toContain('pg_control');
    expect(desk.stderr).not.toMatch(/^\s+at .+:\d+:\d+/m);
    expect(folder.processes()).toEqual([]);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(false);
  });

  it('is not started again by a desk that is being stopped', async () => {
    folder.killDatabase();
    desk.kill('SIGTERM');
    expect(await desk.exit).toBe(0);
    await eventually(() => expect(folder.processes()).toEqual([]), 5_000);
    expect(existsSync(join(folder.home, 'owner.json'))).toBe(false);
  });
});
