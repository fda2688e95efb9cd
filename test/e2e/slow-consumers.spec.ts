import type { Socket as Line } from 'node:net';
import { z } from 'zod';
import { defineEvent, EventLog } from '#events';
import { type LiveSocket, LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { stalledClient } from './raw-sockets.fixture.js';
import { fallBehind, frameOf, slowConsumers } from './slow-consumers.fixture.js';
import { ask, once, outcome, tcpOf } from './sockets.fixture.js';

const ATTEMPTS = 6;
const [KIB, MIB] = [1_024, 1_048_576];
const DRAIN_MS = 1_500;
const SpecStall = defineEvent('SpecStall', 1, z.strictObject({ title: z.string(), severity: z.string() }));

describe('slow consumers', () => {
  let desk: TestApp;
  let token: string;
  let sockets: LiveSockets;
  const lines: Line[] = [];

  beforeAll(async () => {
    desk = await startTestApp({
      env: { REALTIME_MAX_CONNECTIONS: '100', REALTIME_MAX_PER_USER: '100' },
      internals: [realtimeConfig.with({ drainWithinMs: DRAIN_MS })],
    });
    ({ token } = await desk.login('trader'));
    sockets = desk.get(LiveSockets);
  });
  afterEach(async () => {
    for (const line of lines.splice(0)) line.destroy();
    await eventually(() => expect(sockets.size).toBe(0));
  });
  afterAll(() => desk.close());

  /** A client that has joined and reads nothing. */
  async function stalled(): Promise<LiveSocket> {
    const before = new Set(sockets.all);
    lines.push(await stalledClient(desk.url, token));
    return [...sockets.all].find((live) => !before.has(live))!;
  }

  it('4 clients that do not read are closed, 20 others lose nothing, and the unsent bytes stay bounded', async () => {
    const plan = { stalled: 4, healthy: 20, perSecond: 20, baselineMs: 500 };
    const withinBound: boolean[] = [];
    // Other work of the machine can delay the frames of one attempt. Stalled clients delay those of all.
    while (!withinBound.includes(true) && withinBound.length < ATTEMPTS) {
      const closed = sockets.closedBy.get('slow') ?? 0;
      const report = await slowConsumers(desk, token, plan);
      expect(report.lost).toBe(0);
      expect(sockets.closedBy.get('slow')).toBe(closed + plan.stalled);
      expect(report.mostUnsent).toBeLessThanOrEqual(plan.stalled * (64 + 65 + 2) * KIB);
      expect(report.closedAfterMs).toBeGreaterThan(DRAIN_MS / 2);
      withinBound.push(report.p99 < Math.max(5 * report.baselineP99, report.baselineP99 + 200));
    }
    expect(withinBound).toContain(true);
  });

  it('a client that does not read is closed at 1 MiB of messages that may not be dropped', async () => {
    const live = await stalled();
    live.isStalled = () => false; // Closed for its bytes alone.
    await fallBehind(sockets, live);
    for (let n = 0; live.unsent <= MIB + 200 * KIB; n++) live.write(frameOf(65_536));
    expect(live.isChoked).toBe(true);
    sockets.sweep(Date.now());
    await eventually(() => expect(sockets.size).toBe(0));
  });

  it('plain emit queues everything for a client that does not read (negative control)', async () => {
    const [bounded, unbounded] = [await stalled(), await stalled()];
    for (let n = 0; n < 500; n++) {
      sockets.offer(bounded, frameOf(65_536));
      unbounded.socket.emit('dashboard:heartbeat', 'x'.repeat(65_536));
    }
    const queued = ({ socket }: LiveSocket) =>
      (socket.conn as unknown as { writeBuffer: unknown[] }).writeBuffer.length;
    expect(bounded.unsent).toBeLessThanOrEqual((64 + 65 + 2) * KIB);
    expect(queued(bounded)).toBeLessThanOrEqual(2);
    expect(unbounded.unsent).toBeGreaterThan(20 * MIB);
    expect(queued(unbounded)).toBeGreaterThan(300);
    sockets.sweep(Date.now());
  });

  it('an operator sees at /v1/system/realtime and /metrics which sockets are slow', async () => {
    const operator = await desk.login('operator');
    const live = await stalled();
    live.isStalled = () => false; // As if the stall were shorter than its limit.
    await fallBehind(sockets, live);
    const path = '/v1/system/realtime';
    const { body } = await desk.request('GET', path, { token: operator.token });
    expect(body).toMatchObject({
      budgets: [
        { budget: 'connections', used: 1, limit: 100, share: 0.01 },
        { budget: 'user', used: 1, limit: 100, share: 0.01 },
        { budget: 'address', used: 1, limit: 100, share: 0.01 },
      ],
      peaks: { '1m': expect.any(Number), '5m': expect.any(Number) },
      conflated: 1,
      droppedFrames: expect.any(Number),
      closed: { slow: expect.any(Number) },
      slowest: [{ socketId: live.socket.id, userId: live.principal.userId, conflated: true, unsentBytes: live.unsent }],
    });
    expect(body.slowest[0].droppedFrames).toBe(live.dropped);
    expect(body.peaks['5m']).toBeGreaterThanOrEqual(24);
    expect([(await desk.request('GET', path)).status, (await desk.request('GET', path, { token })).status]).toEqual([
      ...[401, 403],
    ]);
    await eventually(async () => {
      const { body: metrics } = await desk.request<string>('GET', '/metrics');
      expect(metrics).toMatch(/^realtime_behind 1$/m);
      expect(metrics).toMatch(/^realtime_unsent_bytes [1-9]\d{3,}$/m);
    });
  });

  it('a client that comes back after a stall sees every alert of that time, unacknowledged critical ones first', async () => {
    for (const severity of ['info', 'critical']) {
      const conditions = [
        { op: 'equals', field: 'type', value: 'SpecStall' },
        { op: 'equals', field: 'payload.severity', value: severity },
      ];
      const rule = { name: severity, severity, condition: { all: conditions }, message: { title: '{payload.title}' } };
      expect((await desk.request('POST', '/v1/alert-rules', { token, body: rule })).status).toBe(201);
    }
    const [slow, lossy] = [desk.socket(token), desk.socket(token)];
    expect(await Promise.all([slow, lossy].map(outcome))).toEqual(['connected', 'connected']);
    const subscription = { panels: { alerts: { limit: 1_000 } } };
    const before = await ask(slow, 'dashboard:subscribe', subscription);
    await ask(lossy, 'dashboard:subscribe', subscription);
    expect(before.panels.alerts.order).toEqual([]);
    const deltas: unknown[] = [];
    for (const socket of [slow, lossy]) tcpOf(socket).pause();
    const lives = [slow, lossy].map(({ id }) => [...sockets.all].find(({ socket }) => socket.id === id)!);
    // As if the stall were shorter than its limit.
    for (const live of lives) live.isStalled = () => false;
    await Promise.all(lives.map((live) => fallBehind(sockets, live)));
    // The negative control: frames are dropped, and no full cut follows.
    lives[1]!.onCaughtUp = () => undefined;
    lossy.on('dashboard:delta', (delta) => deltas.push(delta));

    // The panel shows the newest 50, and critical ones however old they are.
    const severities = ['critical', 'critical', ...Array<string>(58).fill('info')];
    for (const [n, severity] of severities.entries())
      await desk.get(EventLog).record({ type: SpecStall.type, payload: { title: `alert ${n}`, severity } });
    const path = `/v1/dashboard?panels=${encodeURIComponent(JSON.stringify(subscription.panels))}`;
    await eventually(async () => {
      const { body } = await desk.request('GET', path, { token, headers: { 'cache-control': 'no-cache' } });
      expect(body.panels.alerts.unacknowledged).toEqual({ info: 58, warning: 0, critical: 2 });
    });
    const [told, full] = [once<object>(slow, 'flow'), once<any>(slow, 'dashboard:snapshot')];
    for (const socket of [slow, lossy]) tcpOf(socket).resume();
    expect(await told).toEqual({ state: 'conflated', dropped: expect.any(Number) });
    const { alerts } = (await full).panels;
    const titles = alerts.order.map((id: string) => alerts.rows[id].title);
    expect(titles).toEqual([1, 0, ...Array.from({ length: 50 }, (_, n) => 59 - n)].map((n) => `alert ${n}`));
    // More than are shown: the others are in the list.
    expect(alerts.unacknowledged).toEqual({ info: 58, warning: 0, critical: 2 });
    const listed = await desk.request('GET', '/v1/alerts?limit=100', { token });
    expect(listed.body.items.map(({ title }: { title: string }) => title).sort()).toEqual(
      severities.map((_, n) => `alert ${n}`).sort(),
    );
    await eventually(() => expect(lives[1]!.dropped).toBeUndefined());
    expect(JSON.stringify(deltas)).not.toContain('alert 1');
    for (const socket of [slow, lossy]) socket.disconnect();
  });
});
