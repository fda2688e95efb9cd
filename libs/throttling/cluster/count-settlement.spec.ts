import fc from 'fast-check';
import { ThrottlerMemory } from '../throttler-memory.js';
import type { ThrottlingConfig } from '../throttling.config.js';
import type { Peers } from './peers.js';
import { CountSettlement } from './count-settlement.js';

const MINUTE = 60_000;
const START = 1_800_000_000_000;
const PART = 64;

/** What the script of the settlement does, in memory, and answers that come when the test says so. */
class SharedCounts {
  readonly fields = new Map<string, Map<string, number>>();
  readonly #answers: (() => void)[] = [];
  calls = 0;
  away = false;

  run(keys: string[], [id = '', , ...args]: string[]): Promise<number[] | undefined> {
    this.calls += 1;
    return new Promise((resolve) => {
      this.#answers.push(() => resolve(this.away ? undefined : this.#settle(keys, id, args.map(Number))));
    });
  }

  /** Answers the oldest call. */
  answer(): boolean {
    const next = this.#answers.shift();
    next?.();
    return next !== undefined;
  }

  #settle(keys: string[], id: string, args: number[]): number[] {
    const sum = (key: string) => [...(this.fields.get(key)?.values() ?? [])].reduce((total, each) => total + each, 0);
    return Array.from({ length: keys.length / 2 }, (_, n) => {
      const [key = '', before = ''] = keys.slice(2 * n);
      const [own = 0, want = 0, limit = 0, overlap = 0] = args.slice(4 * n);
      const fields = this.fields.get(key) ?? new Map<string, number>();
      const total = sum(key) - (fields.get(id) ?? 0) + own;
      const granted = Math.min(want, Math.max(0, Math.floor(limit - sum(before) * overlap - total + 1e-6)));
      this.fields.set(key, fields.set(id, own + granted));
      return [total + granted, sum(before), granted];
    }).flat();
  }
}

interface Node {
  admit(): Promise<boolean>;
  join(): Promise<void>;
  leave(): void;
  admitted: number;
}

function node(shared: SharedCounts, id: string, limit: number, clock: () => number): Node {
  const memory = new ThrottlerMemory(1_000, clock);
  const joiners: (() => Promise<unknown>)[] = [];
  const send = (_script: unknown, keys: string[], args: string[]) => shared.run(keys, args);
  const peers = {
    id,
    joined: true,
    nameOf: (text: string) => text,
    onJoin: (run: () => Promise<unknown>) => joiners.push(run),
    run: async (...call: Parameters<typeof send>) => {
      const answer = await send(...call);
      if (answer === undefined) peers.joined = false;
      return answer;
    },
  };
  const redis = { enabled: true, key: (...parts: string[]) => parts.join(':'), script: send };
  const settlement = new CountSettlement(redis as never, peers as unknown as Peers, memory, {
    settleMs: 1e6,
  } as ThrottlingConfig);
  settlement.onModuleInit();
  const of = { counter: 'read', limit, windowMs: MINUTE };
  const free = Math.floor(limit / PART);
  const self: Node = {
    admitted: 0,
    admit: async () => {
      const taken = memory.take('ana', MINUTE, limit, 'read', peers.joined ? free : Infinity);
      let admitted = !taken.isBlocked;
      if (taken.mustSettle) {
        const granted = await settlement.ask(of, 'ana');
        admitted = granted ?? !memory.take('ana', MINUTE, limit, 'read').isBlocked;
      } else if (admitted && taken.unsettled === Math.max(1, free >> 1)) settlement.due(of, 'ana');
      if (admitted) self.admitted += 1;
      return admitted;
    },
    join: async () => {
      for (const run of joiners) await run();
      peers.joined = true;
    },
    leave: () => (peers.joined = false),
  };
  return self;
}

const turn = () => new Promise(setImmediate);

/** Lets all calls be answered until nothing is asked any more. */
async function settleAll(shared: SharedCounts, work: Promise<unknown>): Promise<void> {
  let done = false;
  void work.then(() => (done = true));
  while (!done) {
    shared.answer();
    await turn();
  }
}

describe('limits of several processes', () => {
  it('processes together admit the limit and at most a 64th of it more for each process, in any order of requests and answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 400 }),
        async (limit, processes, schedule) => {
          const shared = new SharedCounts();
          const nodes = Array.from({ length: processes }, (_, n) => node(shared, `p${n}`, limit, () => START));
          const asked: Promise<unknown>[] = [];
          for (const step of schedule) {
            // Half of the steps are requests, in bursts of up to 20; the others are answers.
            if (step < 4) for (let n = 0; n < 1 + step * 6; n++) asked.push(nodes[step % processes]!.admit());
            else shared.answer();
            if (step % 2 === 0) await turn();
          }
          await settleAll(shared, Promise.all(asked));
          const admitted = nodes.reduce((sum, each) => sum + each.admitted, 0);
          expect(admitted).toBeLessThanOrEqual(limit + processes * Math.floor(limit / PART));
          expect(admitted).toBeGreaterThanOrEqual(Math.min(limit, asked.length));
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });

  it('requests of one moment share one call', async () => {
    const shared = new SharedCounts();
    const one = node(shared, 'p1', 50, () => START);
    const first = one.admit();
    const others = Promise.all(Array.from({ length: 80 }, () => one.admit()));
    await settleAll(shared, Promise.all([first, others]));
    expect(one.admitted).toBe(50);
    expect(shared.calls).toBe(2);
  });

  it('counts of a process that was alone join the others once, also if its report is sent twice', async () => {
    const shared = new SharedCounts();
    const [one, two] = ['p1', 'p2'].map((id) => node(shared, id, 40, () => START)) as [Node, Node];
    const both = async (times: number) => {
      for (let n = 0; n < times; n++) await settleAll(shared, Promise.all([one.admit(), two.admit()]));
    };
    await both(5);
    for (const each of [one, two]) each.leave();
    await both(5);
    expect([one.admitted, two.admitted]).toEqual([10, 10]);
    for (let again = 0; again < 2; again++) await settleAll(shared, Promise.all([one.join(), two.join()]));
    expect([...shared.fields.values()].map((fields) => Object.fromEntries(fields))).toEqual([{ p1: 10, p2: 10 }]);
    await both(30);
    expect(one.admitted + two.admitted).toBe(40);
  });

  it('requests that wait for Redis when it stops answering are decided by their process', async () => {
    const shared = new SharedCounts();
    const one = node(shared, 'p1', 3, () => START);
    shared.away = true;
    await settleAll(shared, Promise.all(Array.from({ length: 5 }, () => one.admit())));
    expect([one.admitted, shared.calls]).toEqual([3, 1]);
  });
});
