import { jest } from '@jest/globals';
import { createDesk, type Desk, type Live } from '../index.js';
import { FakeDesk } from '../testing/index.js';
import { untilStatus } from './until.fixture.js';

describe('a watch as time passes', () => {
  let fake: FakeDesk;
  let desk: Desk;
  let live: Live<'portfolios'>;
  let stop: () => void;
  /** Messages of the client, by socket. */
  let sent: [string, object][][];
  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  beforeEach(async () => {
    jest.useFakeTimers({ doNotFake: ['queueMicrotask', 'nextTick', 'setImmediate'] });
    sent = [];
    fake = new FakeDesk({ panels: { portfolios: { order: [], rows: {}, total: 0 } } });
    const openWire = (url: string) => {
      const wire = fake.options.openWire!(url);
      const messages: [string, object][] = [];
      sent.push(messages);
      const emit = wire.emit.bind(wire);
      wire.emit = (event, message, answer) => (messages.push([event, message]), emit(event, message, answer));
      return wire;
    };
    desk = createDesk({ ...fake.options, openWire, signIn: fake.credentials('operator') });
    live = desk.watch({ portfolios: {} });
    stop = live.subscribe(() => undefined);
    await untilStatus(live, 'live');
  });
  afterEach(() => {
    desk.close();
    jest.useRealTimers();
  });

  it('a watch without listeners ends its connection half a second later, and a new listener opens another one', async () => {
    stop();
    await pass(400);
    expect(fake.sockets).toBe(1);
    stop = live.subscribe(() => undefined);
    await pass(1_000);
    expect(fake.counts.connects).toBe(1);
    stop();
    await pass(500);
    expect(fake.sockets).toBe(0);
    fake.change((panels) => void (panels.portfolios!.total = 1));
    live.subscribe(() => undefined);
    await pass(0);
    expect([live.current.panels.portfolios?.total, fake.counts.connects]).toEqual([1, 2]);
    live.close();
    await pass(500);
    expect(fake.sockets).toBe(0);
  });

  it('a watch to which the desk sends nothing is stale, and connects again if that goes on', async () => {
    const confirmed = live.verifiedAt;
    expect(confirmed).toBe(Date.now());
    await pass(12_000);
    expect([live.current.status, live.verifiedAt]).toEqual(['stale', confirmed]);
    fake.heartbeat();
    await pass(0);
    expect([live.current.status, live.verifiedAt]).toEqual(['live', Date.now()]);
    await pass(18_000);
    expect(fake.counts.connects).toBe(2);
    expect([live.current.status, live.verifiedAt! > confirmed!]).toEqual(['live', true]);
  });

  it('a closed desk leaves no timer and sends nothing more, although watches begin and end with it', async () => {
    desk.watch({ sessions: {} }).subscribe(() => undefined);
    desk.close();
    stop();
    await pass(0);
    expect([fake.sockets, jest.getTimerCount(), sent.flat()]).toEqual([
      ...[0, 0],
      [['dashboard:subscribe', { panels: { portfolios: {} } }]],
    ]);
  });

  it('a watch tells the desk how many changes per second it takes, and shares its socket only with its equals', async () => {
    const [slow, equal] = [1, 2].map(() => desk.watch({ portfolios: {} }, { maxPerSecond: 0.5 }));
    for (const watch of [slow!, equal!]) watch.subscribe(() => undefined);
    await untilStatus(equal!, 'live');
    expect(sent).toEqual([
      [['dashboard:subscribe', { panels: { portfolios: {} } }]],
      [['dashboard:subscribe', { panels: { portfolios: {} }, maxPerSecond: 0.5 }]],
    ]);
    await pass(12_000);
    expect([live.current.status, slow!.current.status]).toEqual(['stale', 'live']);
  });
});
