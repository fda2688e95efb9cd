import { createDesk, type Desk, type Live } from '../index.js';
import { FakeDesk } from '../testing/index.js';
import { replaceGlobal } from '../session/globals.fixture.js';
import { deferred, until, untilStatus } from './until.fixture.js';

const row = (id: string, value: string) => ({ portfolioId: id, value });

function deskWith(): FakeDesk {
  const portfolios = { order: ['a', 'b'], rows: { a: row('a', '1.00'), b: row('b', '2.00') }, total: 2 };
  return new FakeDesk({
    panels: { portfolios, system: { demo: false }, alerts: { order: [], rows: {}, total: 0 } } as never,
  });
}

describe('a watch', () => {
  let fake: FakeDesk;
  let desk: Desk;
  let live: Live<'portfolios' | 'system'>;
  const ended: (() => void)[] = [];
  const setValue = (id: string, value: string) =>
    fake.change((panels) => void (panels.portfolios!.rows![id] = row(id, value) as never));
  const shown = () => ({ snapshot: live.current.snapshot, panels: live.current.panels });
  const rest = async () => {
    const { snapshot, panels } = await desk.get('/v1/dashboard', {
      query: { windows: JSON.stringify({ portfolios: {}, system: {} }) },
    });
    return { snapshot, panels };
  };
  const following = async (wanted: unknown = fake.snapshot.id) => {
    await until(live, ({ snapshot }) => snapshot?.id === wanted);
    expect(shown()).toEqual(await rest());
  };

  beforeEach(async () => {
    fake = deskWith();
    desk = createDesk({ ...fake.options, signIn: fake.credentials('operator') });
    live = desk.watch({ portfolios: {}, system: {} });
    ended.push(live.subscribe(() => undefined));
    await untilStatus(live, 'live');
  });
  afterEach(() => {
    ended.splice(0).forEach((end) => end());
    desk.close();
  });

  it('a watch shows what REST answers at the same snapshot id, and changes only what has changed', async () => {
    await following();
    const { panels } = live.current;
    setValue('b', '3.00');
    await following();
    expect(live.current.panels).not.toBe(panels);
    expect(live.current.panels.system).toBe(panels.system);
    expect(live.current.panels.portfolios!.rows['a']).toBe(panels.portfolios!.rows['a']);
    expect(live.current.panels.portfolios!.rows['b']).toEqual(row('b', '3.00'));
    expect(panels.portfolios!.rows['b']).toEqual(row('b', '2.00'));
    expect(fake.counts).toEqual({ connects: 1, subscribes: 1, resyncs: 0 });
  });

  it('a watch that misses a delta asks for one full cut, and keeps the identity of what did not change', async () => {
    const before = live.current.panels.portfolios!.rows['a'];
    fake.loseDeltas();
    setValue('b', '3.00');
    setValue('b', '4.00');
    setValue('b', '5.00');
    await following();
    expect(fake.counts.resyncs).toBe(1);
    expect(live.current.panels.portfolios!.rows['a']).toBe(before);
  });

  it('a heartbeat of another cut shows that the last delta was lost', async () => {
    fake.loseDeltas();
    setValue('b', '3.00');
    fake.heartbeat();
    await following();
    expect(fake.counts.resyncs).toBe(1);
  });

  it('a watch survives a broken network, subscribes again, and keeps the last cut meanwhile', async () => {
    const before = live.current.panels.portfolios!.rows['a'];
    fake.setDown(true);
    await untilStatus(live, 'reconnecting');
    expect(live.current.panels.portfolios!.rows['b']).toEqual(row('b', '2.00'));
    setValue('b', '3.00');
    fake.setDown(false);
    await untilStatus(live, 'live');
    await following();
    expect(live.current.panels.portfolios!.rows['a']).toBe(before);
    expect(fake.counts).toEqual({ connects: 2, subscribes: 2, resyncs: 0 });
  });

  it('a watch comes back after a draining process says so, and refreshes a token that has expired', async () => {
    fake.drain();
    await untilStatus(live, 'reconnecting');
    await untilStatus(live, 'live');
    fake.expireTokens();
    await untilStatus(live, 'reconnecting');
    await untilStatus(live, 'live');
    expect([fake.refreshes, fake.counts.connects, desk.identity?.role]).toEqual([1, 3, 'operator']);
    setValue('a', '9.00');
    await following();
  });

  it('a warned watch sends a new token over the open connection', async () => {
    const answered = new Promise<void>((resolve) =>
      fake.route('GET /v1/auth/me', ({ user }) => (resolve(), { userId: `id-of-${user!.email}`, roles: [user!.role] })),
    );
    fake.warnOfExpiry();
    // The client asks who is signed in with the new token.
    await answered;
    expect(fake.refreshes).toBe(1);
    setValue('a', '8.00');
    await following();
    expect(fake.counts.connects).toBe(1);
  });

  it('a watch says that the database is unreachable, and that it was too slow', async () => {
    fake.setStale(true);
    await untilStatus(live, 'stale');
    fake.setStale(false);
    await untilStatus(live, 'live');
    setValue('a', '9.00');
    fake.conflate(7);
    await untilStatus(live, 'conflated');
    await following();
    expect(fake.counts.resyncs).toBe(0);
  });

  it('a user who is disabled is signed out, and the page keeps none of their data', async () => {
    desk.close();
    desk = createDesk(fake.options);
    await desk.signIn(fake.credentials('trader'));
    live = desk.watch({ portfolios: {}, system: {} });
    ended.push(live.subscribe(() => undefined));
    await untilStatus(live, 'live');
    fake.revoke('trader@example.com');
    await untilStatus(live, 'signed-out');
    expect([live.current.panels, live.current.snapshot, desk.identity]).toEqual([{}, undefined, undefined]);
    await desk.signIn(fake.credentials('operator'));
    await untilStatus(live, 'live');
    await following();
  });

  it('watches that fit together share one connection and one cut, and others have their own', async () => {
    const alerts = desk.watch({ alerts: {} });
    const limited = desk.watch({ portfolios: { limit: 1 } });
    ended.push(
      alerts.subscribe(() => undefined),
      limited.subscribe(() => undefined),
    );
    await untilStatus(alerts, 'live');
    await untilStatus(limited, 'live');
    expect(fake.sockets).toBe(2);
    setValue('b', '6.00');
    await following();
    expect(alerts.current.snapshot).toEqual(live.current.snapshot);
    expect(Object.keys(alerts.current.panels)).toEqual(['alerts']);
    await Promise.all(Array.from({ length: 20 }, () => untilStatus(desk.watch({ alerts: {} }), 'live')));
    expect(fake.sockets).toBe(2);
  });

  it('a refused watch says why, and does not stop the others', async () => {
    const wrong = desk.watch({ sessions: {} });
    ended.push(wrong.subscribe(() => undefined));
    const { problem } = await untilStatus(wrong, 'refused');
    expect(problem).toMatchObject({ code: 'REQUEST_INVALID', errors: [{ field: 'panels', seen: 'sessions' }] });
    setValue('b', '7.00');
    await following();
    expect(live.current.status).toBe('live');
    expect([wrong.current.status, wrong.current.snapshot]).toEqual(['refused', undefined]);
    fake.setDown(true);
    fake.setDown(false);
    await untilStatus(wrong, 'refused');
    await untilStatus(live, 'live');
    await following();
  });

  it('a listener learns of each cut once, and at once of the one that is there', () => {
    const seen: (string | undefined)[] = [];
    for (const watch of [live, desk.watch({ system: {} })])
      ended.push(watch.subscribe(({ snapshot }) => seen.push(snapshot?.id)));
    expect(seen).toEqual([live.current.snapshot!.id, live.current.snapshot!.id]);
  });

  it('a listener that throws stops neither the others nor the watch', async () => {
    const [reported, seen]: [unknown[], unknown[]] = [[], []];
    const restore = replaceGlobal('reportError', { value: (error: unknown) => reported.push(error) });
    let angry = false;
    ended.push(
      live.subscribe(() => {
        if (angry) throw new Error('of the page');
      }),
      live.subscribe(({ snapshot }) => seen.push(snapshot?.id)),
    );
    angry = true;
    setValue('b', '3.00');
    await following();
    restore();
    expect([reported, seen.at(-1)]).toEqual([[new Error('of the page')], fake.snapshot.id]);
  });

  it('a desk that no longer knows the subscription is asked for it again', async () => {
    const { answer } = fake;
    fake.answer = (wire, event, message) => {
      if (event !== 'dashboard:resync') return answer.call(fake, wire, event, message);
      return { code: 'DASHBOARD_NOT_SUBSCRIBED', status: 409, detail: 'No subscription.', correlationId: 'c' };
    };
    fake.loseDeltas();
    setValue('b', '3.00');
    fake.heartbeat();
    await following();
    expect([live.current.status, fake.counts.subscribes]).toEqual(['live', 2]);
  });

  it('a renewed token is sent over the open connection once', async () => {
    const { answer } = fake;
    const tokens: unknown[] = [];
    const [sent, answered] = [deferred(), deferred()];
    fake.route('GET /v1/auth/me', ({ user }) => {
      answered.resolve();
      return { userId: `id-of-${user!.email}`, roles: [user!.role] };
    });
    fake.answer = (wire, event, message) => {
      if (event === 'auth:refresh') tokens.push((message as { token: string }).token);
      if (event === 'dashboard:resync') sent.resolve();
      return answer.call(fake, wire, event, message);
    };
    fake.warnOfExpiry();
    await answered.promise;
    await new Promise(setImmediate);
    // Frames are in order: this one is sent after those of the token.
    fake.loseDeltas();
    setValue('b', '3.00');
    fake.heartbeat();
    await sent.promise;
    expect(tokens).toEqual(['access-2']);
  });
});
