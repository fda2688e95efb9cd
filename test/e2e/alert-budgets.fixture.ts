import { z } from 'zod';
import { Database } from '#database';
import { defineEvent, EventLog } from '#events';
import { uuid7 } from '#ids';
import type { TestApp } from '../setup/test-app.js';

export const SpecHeadline = defineEvent('SpecHeadline', 1, z.looseObject({ title: z.string() }));

const REPEATS = 80;
/** 485 of 500 instructions. Its set of states changes after almost every character, so no automaton can cache them. */
export const WORST_PATTERN = `.{0,${REPEATS}}a.{0,${REPEATS}}b.{0,${REPEATS}}x`;

/** Text of a and b that the pattern reads to its end without a match. */
export function worstText(length: number): string {
  let seed = 7;
  let text = '';
  while (text.length < length) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    text += (seed >> 16) & 1 ? 'a' : 'b';
  }
  return text;
}

export const worstRule = (field: string, patterns: number, n = 0) => ({
  name: `Worst ${n}`,
  severity: 'info',
  condition: {
    any: Array.from({ length: patterns }, (_, index) => ({ op: 'matches', field, value: `${WORST_PATTERN}${index}` })),
  },
});

/** Events without a user, which every rule sees. */
export async function recordHeadlines(app: TestApp, count: number, length: number): Promise<void> {
  const title = worstText(length);
  await app
    .get(EventLog)
    .recordMany(Array.from({ length: count }, () => ({ type: SpecHeadline.type, payload: { title } })));
}

/** Records events as a feed does: by one statement, for the inbox. */
export async function leaveInInbox(app: TestApp, count: number, length: number): Promise<void> {
  const at = new Date();
  await app.get(Database).rows(
    `WITH events AS (
       INSERT INTO trading_events (id, type, version, payload, occurred_at)
       SELECT id, $2, 1, jsonb_build_object('title', $3::text), $4 FROM unnest($1::uuid[]) AS g (id) RETURNING id)
     INSERT INTO event_inbox (event_id) SELECT id FROM events`,
    [Array.from({ length: count }, () => uuid7(at)), SpecHeadline.type, worstText(length), at],
  );
}

export interface Latencies {
  p99: number;
  statuses: Set<number>;
}

/** Reads the dashboard of a user in sequence, at least `least` times and until `until` is settled. */
export async function readDashboard(
  app: TestApp,
  token: string,
  least: number,
  until: Promise<unknown> = Promise.resolve(),
): Promise<Latencies> {
  let going = true;
  const stop = () => void (going = false);
  void until.then(stop, stop);
  const times: number[] = [];
  const statuses = new Set<number>();
  while (going || times.length < least) {
    const began = performance.now();
    const response = await fetch(new URL('/v1/dashboard', app.url), { headers: { authorization: `Bearer ${token}` } });
    await response.arrayBuffer();
    times.push(performance.now() - began);
    statuses.add(response.status);
  }
  return { p99: p99OfTime(times), statuses };
}

/**
 * The longest wait that 99 % of the moments fall into. One read at a time sees a pause of 5 s once and pauses of 5 ms a thousand
 * times, although users who ask at any moment meet the long one as often. So a read counts by its duration.
 */
function p99OfTime(times: number[]): number {
  times.sort((a, b) => b - a);
  let left = 0.01 * times.reduce((sum, ms) => sum + ms, 0);
  return times.find((ms) => (left -= ms) < 0)!;
}

/** Maximum effect of other users' work: three times the baseline of the same run, or 60 ms more. */
export const boundOf = ({ p99 }: Latencies): number => Math.max(3 * p99, p99 + 60);
