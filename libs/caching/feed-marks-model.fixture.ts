import { FakeFeed } from './fake-feed.fixture.js';
import { FeedMarks } from './feed-marks.js';

interface Change {
  xid: number;
  position: number;
  key: string;
}

/** A value is the changes of its key that its load saw. */
interface Value {
  xmin: number;
  xmax: number;
  position: number;
  changes: ReadonlySet<Change>;
}

interface Process {
  feed: FakeFeed;
  marks: FeedMarks;
  heard: Set<Change>;
  seen: ReadonlySet<Change>;
  lastHeardXid: number;
}

type Rule = (process: Process, value: Value, key: string) => boolean;

/** The rule of the cache, and others that look right. */
export const rules = {
  ours: ({ marks }, value, key) => marks.admits(value, [key]),
  everything: () => true,
  /** The transactions that had begun, instead of those that had ended. */
  xmax: ({ marks }, { xmax, position }, key) => marks.admits({ xmin: xmax, position }, [key]),
  noPosition: ({ marks }, { xmin }, key) => marks.admits({ xmin, position: Infinity }, [key]),
  /** Without the changes of before its start. */
  noFloor: (process, value) => value.xmin > process.lastHeardXid,
} satisfies Record<string, Rule>;

const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'];
const STEPS = 2_000;
/** Fewer than keys, so that some are forgotten. */
const REMEMBERED = 5;

/**
 * A small PostgreSQL, some processes and a Redis, in random order: transactions of any length, readings of the feed, loads
 * that store their value much later, crashes that reuse transaction ids (in every other run), and processes that start.
 * @returns the step at which a process took a value without a change it had heard of, and how many values were taken
 */
export function findStaleValue(seed: number, rule: Rule): { at?: number; taken: number } {
  const pick = random(seed);
  const crashes = seed % 2 === 1;
  let [nextXid, nextPosition, taken] = [100, 100, 0];
  const running: Change[] = [];
  const committed = new Set<Change>();
  const stored = new Map<string, Value>();
  const stores: (() => void)[] = [];
  const snapshot = () => ({
    xmin: Math.min(nextXid, ...running.map(({ xid }) => xid)),
    xmax: nextXid,
    position: Math.max(0, ...[...committed].map(({ position }) => position)),
    changes: new Set(committed),
  });
  const read = (process: Pick<Process, 'feed'> & Partial<Process>): ReadonlySet<Change> => {
    const { xmin, xmax, position, changes } = snapshot();
    for (const change of changes) {
      if (process.seen === undefined || process.seen.has(change)) continue;
      process.marks!.heard([change.key], change);
      process.heard!.add(change);
      process.lastHeardXid = Math.max(process.lastHeardXid!, change.xid);
    }
    process.feed.read(xmin, { xmax, position });
    return changes;
  };
  const start = (): Process => {
    const feed = new FakeFeed();
    const seen = read({ feed });
    return { feed, marks: new FeedMarks(feed, REMEMBERED), heard: new Set(seen), seen, lastHeardXid: 0 };
  };
  const processes = [start(), start(), start()];
  for (let at = 0; at < STEPS; at++) {
    const process = processes[pick(processes.length)]!;
    const key = KEYS[pick(KEYS.length)]!;
    const step = pick(100);
    if (step < 8) running.push({ xid: nextXid++, position: nextPosition++, key });
    else if (step < 20 && running.length > 0) committed.add(running.splice(pick(running.length), 1)[0]!);
    else if (step < 28)
      running.splice(pick(running.length + 1), 1); // a rollback
    else if (step < 48) process.seen = read(process);
    else if (step < 58) {
      // A load begins, reads a moment later, and stores at any time.
      const { xmin, xmax, position } = process.feed.lastReading!;
      stores.push(() => {
        const changes = new Set([...committed].filter((change) => change.key === key));
        stores.push(() => stored.set(key, { xmin, xmax, position, changes }));
      });
    } else if (step < 76 && stores.length > 0) stores.splice(pick(stores.length), 1)[0]!();
    else if (step < 95) {
      const value = stored.get(key);
      if (value === undefined || !rule(process, value, key)) continue;
      taken += 1;
      for (const change of process.heard) if (change.key === key && !value.changes.has(change)) return { at, taken };
    } else if (step < 96) {
      // A commit of this process, which drops its own entry at once.
      const change = { xid: nextXid++, position: nextPosition++, key };
      committed.add(change);
      process.heard.add(change);
      process.marks.changedHere(key);
    } else if (step < 99 && crashes) {
      // A crash: what ran is gone, and ids that were not logged are used again.
      running.length = 0;
      nextXid = Math.max(100, ...[...committed].map(({ xid }) => xid)) + 1;
    } else if (pick(4) === 0) processes[pick(processes.length)] = start();
  }
  return { taken };
}

/** Equal for equal seeds (mulberry32). @returns an integer below the given one */
function random(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  };
}
