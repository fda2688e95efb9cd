import pg from 'pg';
import { Changes } from '#changes';
import { Transactions } from '#database';
import { DatabaseServer } from '../../setup/database-server.js';
import { eventually } from '../../setup/eventually.js';
import { type TestModule, testModule } from '../../setup/test-module.js';

const ROW = `INSERT INTO change_feed (topic, key) VALUES ('events', 'x')`;

describe('ids of snapshots over servers', () => {
  let primary: DatabaseServer;
  let standby: DatabaseServer;
  const open: (TestModule | pg.Client)[] = [];

  beforeAll(async () => {
    primary = await DatabaseServer.start();
    standby = await primary.standby();
  });

  afterAll(async () => {
    for (const one of open) await ('end' in one ? one.end() : one.close());
    await standby?.stop();
    await primary?.stop();
  });

  const connect = async (server: DatabaseServer) => {
    const client = new pg.Client(server.url);
    await client.connect();
    open.push(client);
    return client;
  };

  const deskOn = async ({ url }: DatabaseServer, readOnly = false) => {
    const database = { url, drop: async () => undefined };
    const module = await testModule([], { database, env: { DB_READONLY: String(readOnly) } });
    open.push(module);
    const [transactions, changes] = [module.get(Transactions), module.get(Changes)];
    return {
      stamp: () => transactions.readSnapshot(() => changes.current()),
      since: async (seen: { id: string; position: number }) =>
        (await transactions.readSnapshot(() => changes.since(seen))).changes,
    };
  };

  it('two snapshots of a standby that see different rows may have one text in PostgreSQL, and never have one id in the desk', async () => {
    const [one, other] = [await connect(primary), await connect(primary)];
    await one.query(`BEGIN; ${ROW}`);
    await other.query(`BEGIN; ${ROW}`);
    await primary.query(ROW); // ends after both have begun
    const seen = async () =>
      (
        await standby.query<{ text: string; rows: string }>(
          `SELECT pg_current_snapshot()::text AS text, (SELECT count(*) FROM change_feed) AS rows`,
        )
      )[0]!;
    await eventually(async () => expect(Number((await seen()).rows)).toBeGreaterThan(0));
    const reader = await deskOn(standby, true);
    const [first, firstId] = [await seen(), (await reader.stamp()).id];
    await other.query('COMMIT');
    await eventually(async () => expect((await seen()).rows).not.toBe(first.rows));
    const [second, secondId] = [await seen(), (await reader.stamp()).id];
    await one.query('ROLLBACK');
    expect(second.text).toBe(first.text); // why the id needs its random part there
    expect(secondId).not.toBe(firstId);
    expect(firstId).toMatch(/^[\da-f]{10}~[\da-f]{32}-\d+:\d+:$/);
  });

  it('a reader of a standby reloads everything, because the snapshot there does not show what it waits for', async () => {
    const reader = await deskOn(standby, true);
    expect(await reader.since(await reader.stamp())).toBeNull();
  });

  it('a promoted standby has other ids from its first moment on, and a stamp of the old primary makes a reader reload', async () => {
    const before = await deskOn(primary);
    const stamp = await before.stamp();
    expect(await before.since(stamp)).toEqual([]);
    await standby.query('SELECT pg_promote(true, 60)');
    const after = await deskOn(standby);
    const promoted = await after.stamp();
    expect(promoted.id.split('-')[0]).not.toBe(stamp.id.split('-')[0]);
    expect(await after.since(stamp)).toBeNull();
    expect(await after.since(promoted)).toEqual([]);
  });

  it('two databases of one server have different ids for the same snapshot', async () => {
    await primary.query('CREATE DATABASE twin TEMPLATE template0');
    const url = primary.url.replace(/deskwire$/, 'twin');
    const desks = [await deskOn(primary), await deskOn({ url } as DatabaseServer)];
    const [one, other] = await Promise.all(desks.map(async (desk) => (await desk.stamp()).id.split('-')[0]));
    expect(one).not.toBe(other);
  });
});
