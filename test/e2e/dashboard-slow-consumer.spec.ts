import patcher from 'fast-json-patch';
import type { Socket } from 'socket.io-client';
import { LiveSockets } from '#realtime';
import { dashboardConfig } from '#dashboard/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { askInto, tcpOf } from './sockets.fixture.js';

const connected = (socket: Socket) =>
  new Promise((resolve, reject) => socket.on('connect', () => resolve(undefined)).on('connect_error', reject));

describe('a client that stops reading', () => {
  let app: TestApp;
  let operator: string;
  let asOf = Date.parse('2026-11-02T03:45:00Z');
  const cashes = (round: number) =>
    Array.from({ length: 400 }, (_, at) => ({
      portfolioId: `p${String(at).padStart(4, '0')}`,
      broker: 'zerodha',
      account: `account of some length ${at}`,
      asOf: new Date(asOf).toISOString(),
      currency: 'INR',
      cash: `${round}${at}.00`,
      positions: [],
    }));
  const write = async (round: number) => {
    asOf += 1_000;
    const { status } = await app.request('POST', '/v1/portfolios/snapshots', {
      token: operator,
      body: { snapshots: cashes(round) },
    });
    expect(status).toBe(200);
  };

  beforeAll(async () => {
    app = await startTestApp({
      env: { THROTTLING_MAX_WRITES: '1000000', THROTTLING_MAX_BULK_WRITES: '1000000' },
      internals: [dashboardConfig.with({ tickMs: 20 })],
    });
    operator = (await app.login('operator')).token;
    await write(1);
  });
  afterAll(() => app.close());

  it('a client that stops reading loses deltas, then gets one full cut and their number, and others lose nothing', async () => {
    const [slow, quick] = [app.socket(operator), app.socket(operator)];
    await Promise.all([connected(slow), connected(quick)]);
    let held: any;
    await slow.timeout(60_000).emitWithAck('dashboard:subscribe', { panels: ['portfolios'] });
    let gaps = 0;
    quick.on('dashboard:delta', ({ from, patch }) => {
      if (from !== held.snapshot.id) gaps++;
      held = patcher.applyPatch(held, patch).newDocument;
    });
    await askInto(quick, 'dashboard:subscribe', { panels: ['portfolios'] }, (full) => (held = full));
    const live = [...app.get(LiveSockets).all].find((one) => one.socket.id === slow.id)!;
    // A machine too busy to compute a cut in time sends `stale` in between, which is correct.
    const flow = new Promise<{ state: string; dropped: number }>((resolve) =>
      slow.on('flow', (told) => told.state === 'conflated' && resolve(told)),
    );
    const full = new Promise<any>((resolve) => slow.once('dashboard:snapshot', resolve));
    tcpOf(slow).pause();
    let round = 2;
    // The kernel's buffers fill first, with some megabytes.
    await eventually(async () => {
      await write(round++);
      expect(live.dropped).toBeGreaterThan(3);
    });
    expect(live.isChoked).toBe(false);
    tcpOf(slow).resume();
    expect(await flow).toEqual({ state: 'conflated', dropped: expect.any(Number) });
    const cut = await full;
    await eventually(() => expect(held.snapshot.position).toBeGreaterThanOrEqual(cut.snapshot.position));
    expect(gaps).toBe(0);
    let after = cut;
    slow.on('dashboard:delta', ({ from, patch }) => {
      expect(from).toBe(after.snapshot.id);
      after = patcher.applyPatch(after, patch).newDocument;
    });
    await write(round++);
    await eventually(() => expect(after.panels).toEqual(held.panels));
  });

  it('a client that stops reading and keeps asking is closed at 1 MB unread', async () => {
    const slow = app.socket(operator);
    await connected(slow);
    await slow.timeout(60_000).emitWithAck('dashboard:subscribe', {});
    const id = slow.id;
    tcpOf(slow).pause();
    await eventually(async () => {
      for (let one = 0; one < 20; one++) slow.emit('dashboard:resync', {}, () => undefined);
      await write(9);
      expect([...app.get(LiveSockets).all].map((live) => live.socket.id)).not.toContain(id);
    });
  });
});
