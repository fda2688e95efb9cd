import type { Socket } from 'socket.io';
import type { DashboardConfig } from '../../../libs/dashboard/dashboard.config.js';
import type { LiveSocket, LiveSockets } from '#realtime';
import type { Cut } from '../../../libs/dashboard/cuts/cut.js';
import { Audience } from '../../../libs/dashboard/cuts/audience.js';
import { DashboardGateway } from '../../../libs/dashboard/dashboard.gateway.js';
import { SnapshotPanel } from '#panels';
import type { DashboardService } from '../../../libs/dashboard/dashboard.service.js';
import { PanelSet } from '../../../libs/dashboard/cuts/panel-set.js';

class NumberPanel extends SnapshotPanel<{ shown: number }> {
  readonly name = 'number';
  readonly topics = [];
  readonly schema = undefined as never;
  load = () => Promise.reject(new Error('the test makes its states'));
  viewKey = () => '*';
  view = (state: { shown: number }) => ({ ...state });
}

/**
 * Fake: a clock that has a new cut right after each read of the current one, and another one after each new watcher. It overtakes
 * code that pauses in between.
 */
class HastyClock {
  current = cutOf(1);
  ageMs = 0;
  failure: unknown;
  readonly #listeners: ((from: Cut, to: Cut) => void)[] = [];

  /** The clock as the dashboard sees it. Reading `current` triggers the next cut. */
  get watched(): unknown {
    const moveOn = () => queueMicrotask(() => this.moveOn());
    return new Proxy(this, {
      get: (clock, name) => {
        if (name === 'current') moveOn();
        if (name === 'watch') return moveOn;
        if (name === 'onCut') return (listener: (from: Cut, to: Cut) => void) => this.#listeners.push(listener);
        if (name === 'onHealth' || name === 'unwatch' || name === 'refresh') return () => undefined;
        return Reflect.get(clock, name) as unknown;
      },
    });
  }

  moveOn(): void {
    const from = this.current;
    this.current = cutOf(Number(from.snapshot.id) + 1);
    for (const listener of this.#listeners) listener(from, this.current);
  }
}

function cutOf(id: number): Cut {
  const snapshot = { id: String(id), position: id, asOf: '2026-01-01T00:00:00.000Z' };
  return { snapshot, readUpTo: snapshot, states: new Map([['number', { shown: id }]]) };
}

interface Frame {
  event: string;
  from: string | undefined;
  /** The snapshot id after this frame. */
  to: string;
}

/** Fake: a socket that keeps its frames in order. */
function socketOf() {
  const received: Frame[] = [];
  const full = (event: string, { snapshot }: { snapshot: { id: string } }) =>
    received.push({ event, from: undefined, to: snapshot.id });
  const written = ({ text }: { text: string }) => {
    const [event, message] = JSON.parse(text.slice(text.indexOf('['))) as [
      string,
      { from: string; to: string; snapshot: { id: string } },
    ];
    if (event === 'dashboard:delta') received.push({ event, from: message.from, to: message.to });
    else full(event, message);
  };
  const socket = { id: 's', connected: true, emit: full } as unknown as Socket;
  const live = {
    socket,
    watching: false,
    principal: { userId: 'u', roles: ['viewer'] },
    write: written,
    tell: () => undefined,
  };
  return {
    socket,
    live: live as unknown as LiveSocket,
    received,
    acknowledge: (body: { snapshot: { id: string } }) => full('acknowledgement', body),
  };
}

describe('a subscription that the clock overtakes', () => {
  let clock: HastyClock;
  let gateway: DashboardGateway;
  let client: ReturnType<typeof socketOf>;
  /** Lets the database answer. Unset while there is a cut. */
  let database: PromiseWithResolvers<void> | undefined;

  beforeEach(() => {
    clock = new HastyClock();
    client = socketOf();
    database = undefined;
    const watched = clock.watched;
    const dashboard = {
      clock: watched,
      atHand: () => (database ? undefined : { cut: clock.current, source: 'cache', ageMs: 0 }),
      fromDatabase: () => database!.promise.then(() => ({ cut: clock.current, source: 'database', ageMs: 0 })),
    } as unknown as DashboardService;
    const sockets = {
      of: () => client.live,
      offer: (live: LiveSocket, frame: never) => (live.write(frame), true),
    } as unknown as LiveSockets;
    const metric = { set: () => undefined, inc: () => undefined } as never;
    const audience = new Audience({ heartbeatMs: 60_000 } as DashboardConfig, dashboard, sockets, metric, metric);
    audience.onModuleInit();
    gateway = new DashboardGateway(dashboard, audience, sockets, new PanelSet([new NumberPanel()]));
  });

  /** The received frames lead without a gap from the first full cut to the clock's current one. */
  function expectWholeWay(first: string): void {
    const [start, ...deltas] = client.received;
    expect(start).toMatchObject({ event: first, from: undefined });
    let at = start!.to;
    for (const { from, to } of deltas) {
      expect(from).toBe(at);
      at = to;
    }
    expect(deltas.length).toBeGreaterThan(0);
    expect(at).toBe(clock.current.snapshot.id);
  }

  it('is acknowledged first, and then gets each delta after that cut', async () => {
    await gateway.subscribe(client.socket, {}, client.acknowledge as never);
    expectWholeWay('acknowledgement');
  });

  it('gets the full cut first if it asks for no acknowledgement, and then each delta', async () => {
    await gateway.subscribe(client.socket, {}, undefined);
    expectWholeWay('dashboard:snapshot');
  });

  it('ends with an unsubscribe sent while the subscribe waits, and both are acknowledged in that order', async () => {
    database = Promise.withResolvers();
    const order: string[] = [];
    const subscribed = gateway
      .subscribe(client.socket, {}, client.acknowledge as never)
      .then(() => order.push('subscribed'));
    const unsubscribed = gateway.unsubscribe(client.socket, undefined).then(() => order.push('unsubscribed'));
    database.resolve();
    await Promise.all([subscribed, unsubscribed]);
    expect(order).toEqual(['subscribed', 'unsubscribed']);
    const frames = client.received.length;
    clock.moveOn();
    expect(client.received).toHaveLength(frames);
  });

  it('ends with an unsubscribe although the subscribe before it fails', async () => {
    database = Promise.withResolvers();
    const subscribed = gateway.subscribe(client.socket, {}, client.acknowledge as never);
    const unsubscribed = gateway.unsubscribe(client.socket, undefined);
    database.reject(new Error('no cut yet'));
    await expect(subscribed).rejects.toThrow('no cut yet');
    expect(await unsubscribed).toEqual({ subscribed: false });
  });

  it('gets a full cut first after a resync, and then each delta', async () => {
    await gateway.subscribe(client.socket, {}, client.acknowledge as never);
    client.received.length = 0;
    await gateway.resync(client.socket, undefined, client.acknowledge as never);
    expectWholeWay('acknowledgement');
  });
});
