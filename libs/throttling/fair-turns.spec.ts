import { FairTurns } from './fair-turns.js';

const settled = () => new Promise(setImmediate);

/** Takes a turn and records when it starts. */
function ask(turns: FairTurns, owner: string, started: string[], name = owner) {
  const turn = turns.take(owner);
  if (turn === undefined) return undefined;
  return Promise.resolve(turn).then((end) => {
    started.push(name);
    return end;
  });
}

describe('turns of requests', () => {
  it('requests of an owner run up to the limit, then wait, then are refused', async () => {
    const turns = new FairTurns({ perOwner: 2, total: 10, waiting: 1 });
    const started: string[] = [];
    const first = ask(turns, 'a', started);
    void ask(turns, 'a', started);
    const third = ask(turns, 'a', started);
    expect(third).toBeDefined();
    expect(ask(turns, 'a', started)).toBeUndefined();
    await settled();
    expect([started.length, turns.running, turns.waiting]).toEqual([2, 2, 1]);
    (await first!)();
    await settled();
    expect([started.length, turns.running, turns.waiting]).toEqual([3, 2, 0]);
  });

  it('a request of another owner does not wait behind a long queue', async () => {
    const turns = new FairTurns({ perOwner: 1, total: 1, waiting: 100 });
    const started: string[] = [];
    const first = ask(turns, 'a', started, 'a0');
    for (let n = 1; n < 50; n++) void ask(turns, 'a', started, `a${n}`);
    void ask(turns, 'b', started);
    (await first!)();
    await settled();
    expect(started).toEqual(['a0', 'b']);
  });

  it('alternate between owners that wait', async () => {
    const turns = new FairTurns({ perOwner: 1, total: 1, waiting: 100 });
    const started: string[] = [];
    const ends: Promise<void>[] = [];
    for (const [owner, count] of [
      ['a', 4],
      ['b', 2],
    ] as const)
      for (let n = 0; n < count; n++) ends.push(ask(turns, owner, started)!.then((end) => settled().then(end)));
    await Promise.all(ends);
    expect(started.join('')).toBe('ababaa');
  });

  it('a request stops waiting when its client has disconnected, and leaves nothing behind', async () => {
    const turns = new FairTurns({ perOwner: 1, total: 5, waiting: 5 });
    const end = await turns.take('a')!;
    const gone = new AbortController();
    void turns.take('a', () => gone.signal)!;
    expect(turns.waiting).toBe(1);
    gone.abort();
    expect(turns.waiting).toBe(0);
    end();
    end();
    expect(turns.running).toBe(0);
  });
});
