import { Cache, type CacheSettings, type CachingConfig, cachingConfig } from '#caching';
import { loadConfig } from '#config';
import type { CredentialStatus } from './credential-status.js';
import { CredentialStatuses } from './credential-statuses.js';

const status = (lookup: string, change: Partial<CredentialStatus> = {}): CredentialStatus => ({
  lookup,
  id: lookup,
  userId: 'u1',
  roles: ['trader'],
  expiresAt: 1e15,
  refused: undefined,
  keyHash: undefined,
  ...change,
});

/** A fake table that counts its queries. */
class Table {
  rows = new Map<string, CredentialStatus>([['s1', status('s1')]]);
  asked = 0;
  error: Error | undefined;
  gate: Promise<void> | undefined;

  readonly load = async (lookups: string[]): Promise<Map<string, CredentialStatus>> => {
    this.asked += 1;
    const read = new Map(
      lookups.flatMap((lookup) => (this.rows.has(lookup) ? [[lookup, { ...this.rows.get(lookup)! }] as const] : [])),
    );
    await this.gate;
    if (this.error !== undefined) throw this.error;
    return read;
  };
}

class Outage extends Error {}
/** The time, ms. */
let now = 0;
const limits = loadConfig([cachingConfig], {})['caching'] as CachingConfig;
const caches = {
  open: <V, Raw = V>(name: string, settings: CacheSettings<V, Raw>) =>
    new Cache<V, Raw>(name, settings, limits, undefined, () => now),
};
const make = (table: Table, max?: number, waitMs = 60_000): CredentialStatuses => {
  now = 0;
  const times = { ttlMs: 2_000, graceMs: 58_000, waitMs, writeWaitMs: 60_000 };
  return new CredentialStatuses(caches, table.load, (error) => error instanceof Outage, times, max);
};
const find = (statuses: CredentialStatuses, lookup: string, at: number, write = false) => {
  now = at;
  return statuses.find(lookup, write);
};
const fresh = (statuses: CredentialStatuses, lookup: string, at: number): CredentialStatus | undefined => {
  now = at;
  return statuses.fresh(lookup);
};
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('statuses', () => {
  it('a status is read once in its first second', async () => {
    const table = new Table();
    const statuses = make(table);
    const first = await find(statuses, 's1', 0);
    for (let at = 0; at < 1000; at += 100) expect(fresh(statuses, 's1', at)).toBe(first);
    expect(table.asked).toBe(1);
  });

  it('a status is renewed once in the background in its second one, and stays the same object if nothing changed', async () => {
    const table = new Table();
    const statuses = make(table);
    const first = await find(statuses, 's1', 0);
    expect(fresh(statuses, 's1', 1000)).toBe(first);
    expect(fresh(statuses, 's1', 1001)).toBe(first);
    await settle();
    expect(table.asked).toBe(2);
    expect(fresh(statuses, 's1', 2500)).toBe(first);
  });

  it('a status is never used for longer than two seconds, even when the renewal hangs', async () => {
    const table = new Table();
    const statuses = make(table);
    await find(statuses, 's1', 0);
    let open = (): void => {};
    table.gate = new Promise((resolve) => (open = resolve));
    for (let at = 1000; at < 2000; at += 10) fresh(statuses, 's1', at);
    expect(fresh(statuses, 's1', 2000)).toBeUndefined();
    open();
    await settle();
  });

  it('a status changes at most two seconds after the database', async () => {
    const table = new Table();
    const statuses = make(table);
    await find(statuses, 's1', 0);
    table.rows.set('s1', status('s1', { refused: 'login_revoked' }));
    expect((await find(statuses, 's1', 2000))?.refused).toBe('login_revoked');
  });

  it('a status changes at once when its user is dropped from the cache', async () => {
    const table = new Table();
    const statuses = make(table);
    await find(statuses, 's1', 0);
    table.rows.set('s1', status('s1', { roles: ['viewer'] }));
    statuses.forgetUser('another');
    expect((await find(statuses, 's1', 1))?.roles).toEqual(['trader']);
    statuses.forgetUser('u1');
    expect((await find(statuses, 's1', 2))?.roles).toEqual(['viewer']);
  });

  it('a status read before its user was dropped is not cached afterwards', async () => {
    const table = new Table();
    const statuses = make(table);
    let open = (): void => {};
    table.gate = new Promise((resolve) => (open = resolve));
    const reading = find(statuses, 's1', 0);
    await settle();
    table.rows.set('s1', status('s1', { refused: 'user_disabled' }));
    statuses.forgetUser('u1');
    open();
    await reading;
    expect(fresh(statuses, 's1', 1)).toBeUndefined();
    expect((await find(statuses, 's1', 1))?.refused).toBe('user_disabled');
  });

  it('a caller that comes after a user was dropped does not join an earlier query', async () => {
    const table = new Table();
    const statuses = make(table);
    let open = (): void => {};
    table.gate = new Promise((resolve) => (open = resolve));
    const before = find(statuses, 's1', 0);
    await settle();
    table.rows.set('s1', status('s1', { refused: 'user_disabled' }));
    statuses.forgetUser('u1');
    const after = find(statuses, 's1', 0);
    open();
    expect((await before)?.refused).toBeUndefined();
    expect((await after)?.refused).toBe('user_disabled');
    expect(fresh(statuses, 's1', 0)?.refused).toBe('user_disabled');
  });

  it('an unknown login has no status, and that is not cached', async () => {
    const table = new Table();
    const statuses = make(table);
    expect(await find(statuses, 's2', 0)).toBeUndefined();
    table.rows.set('s2', status('s2'));
    expect(await find(statuses, 's2', 1)).toBeDefined();
  });

  it('a status stays as last known for reads while PostgreSQL is unreachable, but not while it is busy', async () => {
    const table = new Table();
    const statuses = make(table);
    const known = await find(statuses, 's1', 0);
    table.error = new Outage();
    expect(await find(statuses, 's1', 59_000)).toBe(known);
    await expect(find(statuses, 'unseen', 59_000)).rejects.toBeInstanceOf(Outage);
    table.error = new Error('pool exhausted');
    await expect(find(statuses, 's1', 59_000)).rejects.toThrow('pool exhausted');
  });

  it('a status as last known never counts for a write, nor for a read once it is 60 s old', async () => {
    const table = new Table();
    const statuses = make(table);
    await find(statuses, 's1', 0);
    table.error = new Outage();
    await expect(find(statuses, 's1', 2_000, true)).rejects.toBeInstanceOf(Outage);
    await expect(find(statuses, 's1', 60_000)).rejects.toBeInstanceOf(Outage);
  });

  it('a status as last known is the answer to a read when PostgreSQL is silent, and a write waits for the new one', async () => {
    const table = new Table();
    const statuses = make(table, undefined, 5);
    const known = await find(statuses, 's1', 0);
    const { promise, resolve: open } = Promise.withResolvers<void>();
    table.gate = promise;
    table.rows.set('s1', status('s1', { refused: 'login_revoked' }));
    expect(await find(statuses, 's1', 2_000)).toBe(known);
    const writing = find(statuses, 's1', 2_001, true);
    open();
    expect((await writing)?.refused).toBe('login_revoked');
    expect((await find(statuses, 's1', 2_100))?.refused).toBe('login_revoked');
  });

  it('the cache of statuses and its index are bounded', async () => {
    const table = new Table();
    const statuses = make(table, 10);
    for (let n = 0; n < 100; n++) {
      table.rows.set(`x${n}`, status(`x${n}`, { userId: `u${n}` }));
      await find(statuses, `x${n}`, 0);
    }
    expect(fresh(statuses, 'x0', 0)).toBeUndefined();
    expect(fresh(statuses, 'x99', 0)).toBeDefined();
    statuses.forgetUser('u99');
    expect(fresh(statuses, 'x99', 0)).toBeUndefined();
  });
});
