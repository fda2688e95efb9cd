import { z } from 'zod';
import { defineEvent, EventLog } from '#events';
import { HttpTraffic } from '#http';
import { LiveSockets } from '#realtime';
import { realtimeConfig } from '#realtime/config';
import { ShutdownSequence } from '#telemetry';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createTestDatabase, type TestDatabase } from '../setup/test-database.js';
import { RawSocket } from './raw-sockets.fixture.js';

const CLIENTS = 200;
const SpecRing = defineEvent('SpecRing', 1, z.strictObject({ title: z.string() }));

describe('sockets of two desks on one database, without sticky sessions', () => {
  let database: TestDatabase;
  let first: TestApp;
  let second: TestApp;

  beforeAll(async () => {
    database = await createTestDatabase();
    const start = () =>
      startTestApp({
        database,
        env: { REALTIME_MAX_CONNECTIONS: '500', REALTIME_MAX_PER_USER: '500' },
        internals: [
          realtimeConfig.with({
            reconnectSpreadMs: 1_000,
            handshakeTimeoutMs: 60_000,
            authenticationTimeoutMs: 60_000,
          }),
        ],
      });
    [first, second] = [await start(), await start()];
  });
  afterAll(async () => {
    await first.close();
    await second.close();
    await database.drop();
  });

  it('an alert reaches all screens of its user on both desks, and no other user', async () => {
    const [ana, ben] = [await first.login('trader'), await first.login('trader')];
    const rule = { name: 'ring', severity: 'critical', condition: { op: 'equals', field: 'type', value: 'SpecRing' } };
    expect((await first.request('POST', '/v1/alert-rules', { token: ana.token, body: rule })).status).toBe(201);
    const open = async (desk: TestApp, token: string) => {
      const socket = await RawSocket.join(desk.url, token);
      await socket.ask('dashboard:subscribe', { panels: { alerts: {} } });
      return socket;
    };
    // Others may come before it, since a minute that begins is news, too.
    const deltaWith = async (socket: RawSocket, text: string) => {
      for (;;) {
        const delta = await socket.nextOf('42/dashboard,["dashboard:delta"');
        if (delta.includes(text)) return delta;
      }
    };
    const hers = [await open(first, ana.token), await open(second, ana.token)];
    const his = await open(second, ben.token);
    const seen: string[] = [];
    his.onPacket = (packet) => seen.push(String(packet));
    for (const [desk, title] of [
      [first, 'rings at the first'],
      [second, 'rings at the second'],
    ] as const) {
      await desk.get(EventLog).record({ type: SpecRing.type, payload: { title } });
      for (const delta of await Promise.all(hers.map((socket) => deltaWith(socket, title))))
        expect(delta).toContain('"severity":"critical"');
    }
    expect(seen.join()).not.toContain('"critical"');
    for (const socket of [...hers, his]) socket.close();
  });

  it('a session of one desk is unknown to the other, where its client opens another one', async () => {
    const { token } = await first.login('viewer');
    const socket = new RawSocket(first.url);
    const { sid } = JSON.parse(String(await socket.next()).slice(1)) as { sid: string };
    await new RawSocket(second.url, `EIO=4&transport=websocket&sid=${sid}`).closed;
    const other = await RawSocket.join(second.url, token);
    expect(await other.ask('dashboard:unsubscribe', {})).toEqual({ subscribed: false });
    for (const each of [socket, other]) each.close();
  });

  it(`${CLIENTS} clients of a desk that stops are told to come back within 10 s, and each has a cut of the other one`, async () => {
    const { token } = await first.login('viewer');
    const subscribe = (socket: RawSocket) => socket.ask('dashboard:subscribe', { panels: ['system'] });
    const sockets = await Promise.all(Array.from({ length: CLIENTS }, () => RawSocket.join(first.url, token)));
    await Promise.all(sockets.map(subscribe));
    expect(first.get(LiveSockets).size).toBe(CLIENTS);
    const delays: number[] = [];
    const back = sockets.map(async (socket) => {
      const start = '42/dashboard,["server:draining",';
      const draining = await socket.nextOf(start);
      const { reconnectInMs } = JSON.parse(draining.slice(start.length, -1)) as { reconnectInMs: number };
      delays.push(reconnectInMs);
      await socket.closed;
      // At once: all come at the same moment, which is harder for the other desk than the delays they were told.
      const again = await RawSocket.join(second.url, token);
      expect((await subscribe(again)).panels.system).toBeDefined();
      return again;
    });
    const stopping = first.get(ShutdownSequence).run(first.get(HttpTraffic), () => first.app.close());
    const returned = await Promise.all(back);
    expect(Math.max(...delays)).toBeLessThan(10_000);
    expect(new Set(delays).size).toBeGreaterThan(1);
    await stopping;
    expect(first.get(LiveSockets).closedBy.get('draining')).toBe(CLIENTS);
    for (const socket of returned) socket.close();
    await eventually(() => expect(second.get(LiveSockets).size).toBe(0));
  });
});
