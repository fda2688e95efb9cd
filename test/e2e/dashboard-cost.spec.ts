import { getToken } from '@willsoto/nestjs-prometheus';
import type { Counter } from 'prom-client';
import type { Socket } from 'socket.io-client';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { eventually } from '../setup/eventually.js';
import { realtimeConfig } from '#realtime/config';
import { outcome } from './sockets.fixture.js';

const PANELS = { portfolios: {}, positions: { limit: 5 } };
const ROW = '/panels/positions/rows/watched|A|';
const DECIMALS = 6;
/** All of them watch one desk; in `npm run test:chaos` 2,000. */
const SOCKETS = Number(process.env['CHAOS_SCREENS'] ?? 200);
/** Sockets that open at once. */
const TOGETHER = 20;
/** Opening 2,000 takes half a minute on a quiet machine. */
const LIMIT_MS = 900_000;

/** Counts what one quote costs, in computations and not in time. */
describe('the cost of a quote', () => {
  let desk: TestApp;
  let operator: string;
  let price = 100;
  const sockets: Socket[] = [];
  const screens: { value: string }[] = [];

  beforeAll(async () => {
    // Without workers: no new minute and no point of a history values a position meanwhile.
    desk = await startTestApp({
      env: {
        DESKWIRE_ROLE: 'web',
        REALTIME_MAX_PER_USER: '3000',
        REALTIME_MAX_CONNECTIONS: '3000',
        HTTP_MAX_PER_ADDRESS: '3000',
      },
      internals: [realtimeConfig.with({ handshakeTimeoutMs: 60_000 })],
    });
    operator = (await desk.login('operator')).token;
    await store('watched', ['A', 'B', 'C']);
  });
  afterAll(async () => {
    for (const socket of sockets) socket.disconnect();
    await desk.close();
  });

  const counted = async (name: string) => {
    const { values } = await desk.get<Counter>(getToken(name)).get();
    return values.reduce((sum, { value }) => sum + value, 0);
  };
  const send = async (method: string, path: string, body: object) => {
    const answer = await desk.request(method, path, { token: operator, body });
    expect([answer.status, answer.body.code]).toEqual([200, undefined]);
  };
  const store = (id: string, keys: readonly string[]) =>
    send('PUT', `/v1/portfolios/${id}/snapshot`, {
      ...{ broker: 'made', account: id, asOf: new Date().toISOString(), currency: 'USD', cash: '0' },
      positions: keys.map((key) => ({ key, quantity: '1', averagePrice: '90', lastPrice: '100', previousClose: '95' })),
    });

  async function watch(count: number): Promise<void> {
    while (sockets.length < count)
      await Promise.all(Array.from({ length: Math.min(TOGETHER, count - sockets.length) }, open));

    async function open(): Promise<void> {
      const socket = desk.socket(operator);
      sockets.push(socket);
      expect(await outcome(socket)).toBe('connected');
      await socket.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: PANELS });
      const screen = { value: '' };
      screens.push(screen);
      socket.on('dashboard:delta', ({ patch }: { patch: { path: string; value: never }[] }) => {
        for (const { path, value } of patch)
          if (path === ROW) screen.value = (value as { price: string }).price;
          else if (path === `${ROW}/price`) screen.value = value;
      });
    }
  }

  /** Quotes A and other keys, waits until every screen shows it, and counts the positions that were valued. */
  async function costOf(more: readonly string[] = []): Promise<{ valued: number; cuts: number }> {
    const before = [await counted('portfolios_positions_valued_total'), await counted('dashboard_cuts_total')] as const;
    price += 1;
    const shown = `${price}.${'1'.repeat(DECIMALS)}`;
    const asOf = new Date().toISOString();
    await send('POST', '/v1/quotes', {
      quotes: ['A', ...more].map((key) => ({ broker: 'made', key, price: shown, asOf })),
    });
    await eventually(() => expect(screens.every(({ value }) => value === shown)).toBe(true));
    return {
      valued: (await counted('portfolios_positions_valued_total')) - before[0],
      cuts: (await counted('dashboard_cuts_total')) - before[1],
    };
  }

  it('is the positions in its contract: not those of other contracts, of unwatched instruments or outside the windows', async () => {
    await watch(1);
    await costOf(); // The first quote of a contract.
    expect((await costOf()).valued).toBe(1);
    const unwatched = Array.from({ length: 200 }, (_, n) => `NOBODY${n}`);
    await costOf(unwatched);
    expect((await costOf(unwatched)).valued).toBe(1);
    for (let n = 0; n < 10; n++)
      await store(
        `zz-outside-${n}`,
        Array.from({ length: 20 }, (_, at) => `OUT${n}-${at}`),
      );
    await costOf();
    expect((await costOf()).valued).toBe(1);
  });

  it(
    'is one computation, however many sockets watch',
    async () => {
      await watch(SOCKETS);
      await costOf();
      const { valued, cuts } = await costOf();
      expect(valued).toBe(1);
      // The quote, and looks at the change feed that found nothing: at most ten a second.
      expect(cuts).toBeLessThan(20);
    },
    LIMIT_MS,
  );
});
