import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeskHome } from './desk-home.js';
import { HomeLock } from './home-lock.js';
import { isAlive, thisProcess } from './process-identity.js';

let home: DeskHome;

beforeEach(() => {
  home = DeskHome.of({ DESKWIRE_HOME: mkdtempSync(join(tmpdir(), 'deskwire-lock-')) });
});
afterEach(() => rmSync(home.path, { recursive: true, force: true }));

/** A lock that a killed run left. */
function leave(owner: { pid: number; born: string }): void {
  home.write('owner.json', { ...owner, command: 'serve', since: '2026-01-01T00:00:00.000Z' });
}

describe('the lock of a home', () => {
  it('the lock of a home has one owner, and tells the next process its number and command', () => {
    const first = new HomeLock(home);
    expect(first.take('serve')).toBeUndefined();
    first.tell({ databasePort: 5433, url: 'http://127.0.0.1:3000' });
    expect(new HomeLock(home).take('users list')).toMatchObject({
      pid: process.pid,
      command: 'serve',
      databasePort: 5433,
      url: 'http://127.0.0.1:3000',
    });
    first.release();
    expect(new HomeLock(home).take('users list')).toBeUndefined();
  });

  it('the lock of a home is stale when its process is gone', async () => {
    const child = spawn('true');
    const identity = { pid: child.pid!, born: 'whenever' };
    await new Promise((resolve) => child.once('close', resolve));
    leave(identity);
    expect(new HomeLock(home).holder()).toBeUndefined();
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('the lock of a home is stale when another process has the number of its owner, as in a container', () => {
    leave({ pid: process.pid, born: 'another boot/1' });
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('the lock of a home is stale when it was written only in part', () => {
    writeFileSync(home.file('owner.json'), '{"pid": 1');
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('the lock of a home is taken over after a killed take-over', () => {
    leave({ pid: process.pid, born: 'another boot/1' });
    const guard = home.file('owner.json.takeover');
    writeFileSync(guard, '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(guard, longAgo, longAgo);
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('a released lock leaves no file behind', () => {
    const lock = new HomeLock(home);
    lock.take('serve');
    new HomeLock(home).take('users list');
    lock.release();
    lock.release();
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('the lock of a home is not released by a process that never had it', () => {
    const first = new HomeLock(home);
    first.take('serve');
    const second = new HomeLock(home);
    second.take('users list');
    second.release();
    expect(first.holder()?.command).toBe('serve');
  });
});

describe('a process', () => {
  it('is recognised while it runs and not after it ended', async () => {
    expect(isAlive(thisProcess())).toBe(true);
    const child = spawn('sleep', ['60']);
    expect(isAlive({ pid: child.pid!, born: thisProcess().born })).toBe(false);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(isAlive({ pid: child.pid!, born: thisProcess().born })).toBe(false);
  });
});
