import type { Socket as Line } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type LiveSocket, LiveSockets, eventFrame } from '#realtime';
import { eventually } from '../setup/eventually.js';
import type { TestApp } from '../setup/test-app.js';
import { RawSocket, stalledClient, tricklingClient } from './raw-sockets.fixture.js';

export interface SlowConsumerPlan {
  stalled: number;
  healthy: number;
  /** Frames of 1 KB per second to each healthy socket. */
  perSecond: number;
  /** Duration of the measurement without stalled sockets, in ms. */
  baselineMs: number;
}

export interface SlowConsumerReport {
  /** Frames that healthy sockets did not get. */
  lost: number;
  baselineP99: number;
  p99: number;
  /** Highest sum of the unsent bytes of all sockets. */
  mostUnsent: number;
  /** Time from the moment all stalled sockets were behind to the end of the last one, in ms. */
  closedAfterMs: number;
}

/** One frame of about that many bytes. */
export const frameOf = (bytes: number, n = 0) =>
  eventFrame('/dashboard', 'dashboard:heartbeat', JSON.stringify({ n, at: performance.now(), pad: 'x'.repeat(bytes) }));

/** Fills what the kernel takes for a client that does not read, until its socket stays conflated. */
export async function fallBehind(sockets: LiveSockets, live: LiveSocket): Promise<void> {
  const frame = frameOf(65_536);
  for (;;) {
    while (live.dropped === undefined && !live.closing) {
      sockets.offer(live, frame);
      await new Promise(setImmediate);
    }
    // A socket that is behind for a moment only catches up within 50 ms.
    await pause(120);
    if (live.dropped !== undefined || live.closing) return;
  }
}

/**
 * Sends the same frames to healthy and stalled sockets, and to one that reads a byte per second, until the desk has closed
 * those that do not read.
 */
export async function slowConsumers(desk: TestApp, token: string, plan: SlowConsumerPlan): Promise<SlowConsumerReport> {
  const sockets = desk.get(LiveSockets);
  const healthy = await Promise.all(Array.from({ length: plan.healthy }, () => RawSocket.join(desk.url, token)));
  const healthyLives = new Set(sockets.all);
  let sent = 0;
  let mostUnsent = 0;
  let latencies: number[] = [];
  const received = healthy.map(() => 0);
  healthy.forEach((socket, at) => {
    socket.onPacket = (packet) => {
      const [, { at: sentAt }] = JSON.parse(String(packet).slice('42/dashboard,'.length)) as [string, { at: number }];
      received[at]! += 1;
      latencies.push(performance.now() - sentAt);
    };
  });
  const tick = async () => {
    const frame = frameOf(1_024, sent++);
    let unsent = 0;
    for (const live of sockets.all) {
      sockets.offer(live, frame);
      unsent += live.unsent;
    }
    mostUnsent = Math.max(mostUnsent, unsent);
    await pause(1_000 / plan.perSecond); // The rate of the load.
  };
  const p99 = () => latencies.sort((a, b) => a - b)[Math.floor(latencies.length * 0.99)] ?? 0;

  for (const end = performance.now() + plan.baselineMs; performance.now() < end;) await tick();
  const baselineP99 = p99();
  latencies = [];
  const lines: Line[] = [await tricklingClient(desk.url, token)];
  for (let n = 1; n < plan.stalled; n++) lines.push(await stalledClient(desk.url, token));
  await eventually(() => expect(sockets.size).toBe(plan.healthy + plan.stalled));
  const stalled = [...sockets.all].filter((live) => !healthyLives.has(live));
  await Promise.all(stalled.map((live) => fallBehind(sockets, live)));
  const behindSince = performance.now();
  while (sockets.size > plan.healthy) await tick();
  const closedAfterMs = performance.now() - behindSince;
  await eventually(() => expect(Math.min(...received)).toBe(sent));
  for (const socket of healthy) socket.close();
  for (const line of lines) line.destroy();
  await eventually(() => expect(sockets.size).toBe(0));
  return {
    lost: received.reduce((sum, got) => sum + sent - got, 0),
    baselineP99,
    p99: p99(),
    mostUnsent,
    closedAfterMs,
  };
}
