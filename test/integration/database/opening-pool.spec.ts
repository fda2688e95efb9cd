import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import pg from 'pg';
import { HeldConnections } from '../../../libs/database/pools/held-connections.js';
import { OpeningPool } from '../../../libs/database/pools/opening-pool.js';
import { TrackedPool } from '../../../libs/database/pools/tracked-pool.js';
import { freePort } from '../../setup/free-port.js';
import { createEmptyDatabase, type TestDatabase } from '../../setup/test-database.js';

const BURST = 40;

describe('a pool that opens few connections at a time', () => {
  let database: TestDatabase;
  /** Connections that are being opened now, and the most of them. */
  let opening = { now: 0, most: 0 };

  class WatchedClient extends pg.Client {
    override connect(): Promise<pg.Client>;
    override connect(callback: (error: Error) => void): void;
    override connect(callback?: (error: Error) => void): Promise<pg.Client> | void {
      opening.now += 1;
      opening.most = Math.max(opening.most, opening.now);
      super.connect((error: Error) => {
        opening.now -= 1;
        callback!(error);
      });
    }
  }

  beforeAll(async () => void (database = await createEmptyDatabase()));
  beforeEach(() => void (opening = { now: 0, most: 0 }));
  afterAll(() => database.drop());

  const optionsOf = (url: string) => ({ connectionString: url, max: BURST, Client: WatchedClient });

  /** Runs a burst of short statements. @returns the connections that it opened */
  async function burst(pool: pg.Pool): Promise<number> {
    await Promise.all(Array.from({ length: BURST }, () => pool.query('SELECT 1')));
    const { totalCount } = pool;
    await pool.end();
    return totalCount;
  }

  it('a burst of short statements opens few connections, two at a time, where the pool of pg opens one for each', async () => {
    const few = await burst(new OpeningPool(optionsOf(database.url)));
    expect(few).toBeLessThanOrEqual(BURST / 2);
    expect(opening.most).toBe(2);
    expect(await burst(new pg.Pool(optionsOf(database.url)))).toBe(BURST);
    expect(opening.most).toBe(BURST);
  });

  it('transactions that keep their connections get as many as the pool may have', async () => {
    const pool = new OpeningPool({ ...optionsOf(database.url), max: 6 });
    const clients = await Promise.all(Array.from({ length: 6 }, () => pool.connect()));
    expect(pool.totalCount).toBe(6);
    for (const client of clients) client.release();
    await pool.end();
  });

  it('a server that refuses is reported to each who waits', async () => {
    const pool = new OpeningPool(optionsOf(`postgresql://127.0.0.1:${await freePort()}/none`));
    const refused = await Promise.allSettled(Array.from({ length: BURST }, () => pool.query('SELECT 1')));
    expect(refused.map((one) => one.status === 'rejected' && (one.reason as { code: string }).code)).toEqual(
      Array<string>(BURST).fill('ECONNREFUSED'),
    );
    expect(pool.totalCount).toBe(0);
    await pool.end();
  });

  it('who waits behind connections that a silent server never opens gets DATABASE_UNAVAILABLE', async () => {
    const sockets: Socket[] = [];
    const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const pool = new TrackedPool({
      ...{ name: 'app', held: new HeldConnections(true), watch: { isSilent: false, suspect: () => undefined } },
      ...{ host: '127.0.0.1', port: (server.address() as AddressInfo).port, user: 'desk', password: 'desk' },
      ...{ max: 10, connectionTimeoutMillis: 300 },
    });
    const refused = await Promise.allSettled(Array.from({ length: 5 }, () => pool.connect()));
    const codes = refused.map((one) => one.status === 'rejected' && (one.reason as { code?: string }).code);
    await pool.end();
    for (const socket of sockets) socket.destroy();
    server.close();
    expect(codes.slice(2)).toEqual(Array(3).fill('DATABASE_UNAVAILABLE'));
  });

  it('who waits when the pool is ended is refused', async () => {
    const pool = new OpeningPool({ ...optionsOf(database.url), max: 1 });
    const client = await pool.connect();
    const waiting = pool.connect();
    const ended = pool.end();
    await expect(waiting).rejects.toThrow('The pool was ended');
    client.release();
    await ended;
  });
});
