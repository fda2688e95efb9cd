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

/** A lock as a killed run leaves it. */
function leave(owner: { pid: number; born: string }): void {
  home.write('owner.json', { ...owner, command: 'serve', since: '2026-01-01T00:00:00.000Z' });
}

describe('the lock of a home', () => {
  it('is had by one; the next is told who has it and what for', () => {
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

  it('of a process that is gone is stale', async () => {
    const child = spawn('true');
    const identity = { pid: child.pid!, born: 'whenever' };
    await new Promise((resolve) => child.once('close', resolve));
    leave(identity);
    expect(new HomeLock(home).holder()).toBeUndefined();
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('of a process whose number another one has now is stale: in a container it is nearly always our own', () => {
    leave({ pid: process.pid, born: 'another boot/1' });
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('that was half-written is stale', () => {
    writeFileSync(home.file('owner.json'), '{"pid": 1');
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('is taken over although a take-over was itself killed', () => {
    leave({ pid: process.pid, born: 'another boot/1' });
    const guard = home.file('owner.json.takeover');
    writeFileSync(guard, '');
    const longAgo = new Date(Date.now() - 60_000);
    utimesSync(guard, longAgo, longAgo);
    expect(new HomeLock(home).take('serve')).toBeUndefined();
  });

  it('leaves no file behind', () => {
    const lock = new HomeLock(home);
    lock.take('serve');
    new HomeLock(home).take('users list');
    lock.release();
    lock.release();
    expect(readdirSync(home.path)).toEqual([]);
  });

  it('is not given back by one that never had it', () => {
    const first = new HomeLock(home);
    first.take('serve');
    const second = new HomeLock(home);
    second.take('users list');
    second.release();
    expect(first.holder()?.command).toBe('serve');
  });
});

describe('a process', () => {
  it('is itself as long as it lives, and nobody once it ended', async () => {
    expect(isAlive(thisProcess())).toBe(true);
    const child = spawn('sleep', ['60']);
    expect(isAlive({ pid: child.pid!, born: thisProcess().born })).toBe(false);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('close', resolve));
    expect(isAlive({ pid: child.pid!, born: thisProcess().born })).toBe(false);
  });
});
