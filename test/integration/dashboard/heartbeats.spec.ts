import { jest } from '@jest/globals';
import type { Socket } from 'socket.io';
import type { LiveSocket, LiveSockets } from '#realtime';
import { SnapshotPanel } from '#panels';
import { Audience } from '../../../libs/dashboard/cuts/audience.js';
import type { Cut } from '../../../libs/dashboard/cuts/cut.js';
import { PanelSet } from '../../../libs/dashboard/cuts/panel-set.js';
import type { DashboardConfig } from '../../../libs/dashboard/dashboard.config.js';
import type { DashboardService } from '../../../libs/dashboard/dashboard.service.js';

const HEARTBEAT_MS = 5_000;

class CountPanel extends SnapshotPanel<{ count: number }> {
  readonly name = 'count';
  readonly topics = [];
  readonly schema = undefined as never;
  load = () => Promise.reject(new Error('the test makes its states'));
  viewKey = () => '*';
  view = (state: { count: number }) => ({ ...state });
}

function cutOf(count: number): Cut {
  const snapshot = { id: String(count), position: count, asOf: '2026-01-01T00:00:00.000Z' };
  return { snapshot, readUpTo: snapshot, states: new Map([['count', { count }]]) };
}

interface Frame {
  at: number;
  event: string;
  message: { id: string; from: string; to: string };
}

describe('heartbeats of the dashboard', () => {
  let clock: { current: Cut; ageMs: number; failure: undefined };
  let listener: (from: Cut | undefined, to: Cut) => void;
  let audience: Audience;

  beforeEach(() => {
    jest.useFakeTimers();
    clock = { current: cutOf(1), ageMs: 0, failure: undefined };
    const nothing = () => undefined;
    const watched = {
      ...{ onCut: (given: typeof listener) => (listener = given), onHealth: nothing, watch: nothing },
      get current() {
        return clock.current;
      },
      ageMs: 0,
    };
    const sockets = { offer: (live: LiveSocket, frame: never) => (live.write(frame), true) } as unknown as LiveSockets;
    const metric = { set: nothing, inc: nothing } as never;
    const config = { heartbeatMs: HEARTBEAT_MS } as DashboardConfig;
    audience = new Audience(config, { clock: watched } as unknown as DashboardService, sockets, metric, metric);
    audience.onModuleInit();
  });
  afterEach(() => jest.useRealTimers());

  /** A subscribed socket. @returns its frames */
  function watch(maxPerSecond?: number): Frame[] {
    const frames: Frame[] = [];
    const live = {
      socket: { id: 's' } as unknown as Socket,
      watching: false,
      principal: { userId: 'u', roles: ['viewer'] },
      write: ({ text }: { text: string }) => {
        const [event, message] = JSON.parse(text.slice(text.indexOf('['))) as [string, Frame['message']];
        frames.push({ at: performance.now(), event, message });
      },
    } as unknown as LiveSocket;
    const choice = new PanelSet([new CountPanel()]).choose(undefined);
    audience.join(live, { choice, maxPerSecond }, clock.current);
    return frames;
  }

  /** Lets time pass with a cut a second, or none, while the background task beats. */
  async function pass(seconds: number, cuts: boolean): Promise<void> {
    for (let second = 0; second < seconds; second++) {
      await jest.advanceTimersByTimeAsync(1_000);
      if (cuts) {
        const from = clock.current;
        clock.current = cutOf(from.snapshot.position + 1);
        listener(from, clock.current);
      }
      audience.beat();
    }
  }

  function longestSilence(frames: readonly Frame[], from: number): number {
    const times = [from, ...frames.map(({ at }) => at), performance.now()];
    return Math.max(...times.slice(1).map((at, index) => at - times[index]!));
  }

  it('a socket that is sent merged deltas hears something as often as the others, and which cut it holds', async () => {
    const began = performance.now();
    const [merged, every] = [watch(0.1), watch()];
    await pass(60, true);
    expect(every.map(({ event }) => event)).not.toContain('dashboard:heartbeat');
    expect(merged.map(({ event }) => event)).toContain('dashboard:heartbeat');
    expect(longestSilence(merged, began)).toBeLessThanOrEqual(HEARTBEAT_MS);
    let held = '1';
    for (const { event, message } of merged) {
      expect(event === 'dashboard:delta' ? message.from : message.id).toBe(held);
      if (event === 'dashboard:delta') held = message.to;
    }
  });

  it('a socket hears something while the desk is quiet', async () => {
    const frames = watch();
    await pass(3, true);
    const last = performance.now();
    await pass(30, false);
    const quiet = frames.filter(({ at }) => at > last);
    expect(new Set(quiet.map(({ event, message }) => `${event} ${message.id}`))).toEqual(
      new Set(['dashboard:heartbeat 4']),
    );
    expect(longestSilence(quiet, last)).toBeLessThanOrEqual(HEARTBEAT_MS);
  });
});
