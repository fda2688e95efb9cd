import { Worker } from 'node:worker_threads';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { threadTask } from './thread-task.js';
import { ThreadPool, type ThreadResult, type ThreadRun } from './thread-pool.js';
import type work from './work.fixture.js';
import type { Work } from './work.fixture.js';

const CONFIG = { maxThreads: 1, maxWaiting: 20, maxWaitingPerKey: 5, drainMs: 10_000 };
const TASK = {
  name: 'threads-test',
  module: import.meta.resolve('./work.fixture.js'),
  // Guards against hanging, unless a test is about it.
  deadlineMs: 60_000,
  heapMb: 32,
};

describe('a pool of threads', () => {
  const results: ThreadResult[] = [];
  let pools: ThreadPool[] = [];

  const poolOf = (config: Partial<typeof CONFIG> = {}, task: Partial<typeof TASK> = {}) => {
    const pool = new ThreadPool(
      threadTask<typeof work>({ ...TASK, ...task }),
      { ...CONFIG, ...config },
      { waiting: () => undefined, began: () => undefined, ended: (result) => results.push(result) },
    );
    pools.push(pool);
    return (input: Work, key = 'a', more: Omit<ThreadRun, 'key'> = {}) =>
      pool.run(input, { key, ...more }) as ReturnType<typeof work>;
  };

  beforeEach(() => void results.splice(0));
  afterEach(async () => {
    await Promise.all(pools.map((pool) => pool.close()));
    pools = [];
  });

  it('a pool of threads runs the function in another thread, and keeps the thread for the next run', async () => {
    const run = poolOf();
    const first = await run({ do: 'answer', value: { quantity: 1n, at: new Date(0) } });
    expect(first.value).toEqual({ quantity: 1n, at: new Date(0) });
    expect(first.threadId).toBeGreaterThan(0);
    expect(await run({ do: 'answer' })).toEqual({ threadId: first.threadId });
    expect(results).toEqual(['done', 'done']);
  });

  it('a pool of threads gives the thread no variable of the environment', async () => {
    expect((await poolOf()({ do: 'environment' })).value).toEqual({});
  });

  it('a thread is terminated and replaced at the deadline while the event loop continues', async () => {
    const run = poolOf({}, { deadlineMs: 500 });
    const { threadId } = await run({ do: 'answer' });
    let turns = 0;
    const timer = setInterval(() => turns++, 5);
    await expect(run({ do: 'spin' })).rejects.toMatchObject({
      code: 'THREADS_DEADLINE_EXCEEDED',
      message: 'threads-test did not end within 500 ms, its time limit.',
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(1);
    expect((await run({ do: 'answer' })).threadId).not.toBe(threadId);
    expect(results).toEqual(['done', 'timed_out', 'done']);
  });

  it('a pool of threads does not count the start of a thread against the deadline', async () => {
    // A thread needs 30 ms or more to start. A busy machine may delay a run by 10 ms, but not each of these.
    const outcomes: string[] = [];
    while (outcomes.length < 50 && !outcomes.includes('done'))
      await poolOf(
        {},
        { deadlineMs: 10 },
      )({ do: 'answer' }).then(
        () => outcomes.push('done'),
        ({ code }: { code: string }) => outcomes.push(code),
      );
    expect(outcomes).toContain('done');
  });

  it('a pool of threads ends a run that needs more heap than its limit, and only that run', async () => {
    const run = poolOf();
    await expect(run({ do: 'fill' })).rejects.toMatchObject({
      code: 'THREADS_OUT_OF_MEMORY',
      message: 'threads-test needed more than 32 MiB of heap, its limit.',
    });
    expect(await run({ do: 'answer', value: 1 })).toMatchObject({ value: 1 });
    expect(results).toEqual(['out_of_memory', 'done']);
  });

  it('a pool of threads reports a thread that ends by itself, and replaces it', async () => {
    const run = poolOf();
    await expect(run({ do: 'exit' })).rejects.toMatchObject({ code: 'THREADS_CRASHED' });
    expect(await run({ do: 'answer', value: 1 })).toMatchObject({ value: 1 });
    expect(results).toEqual(['crashed', 'done']);
  });

  it('a pool of threads gives an error that the function throws with its name, message and code', async () => {
    const failed = poolOf()({ do: 'throw', code: 'DOCUMENT_DEPTH' });
    await expect(failed).rejects.toThrow(Error);
    await expect(failed).rejects.toMatchObject({ name: 'RangeError', message: 'too deep', code: 'DOCUMENT_DEPTH' });
    expect(results).toEqual(['failed']);
  });

  it('buffers of `transfer` are moved instead of copied', async () => {
    const bytes = new Uint8Array(1_000).fill(7);
    const { value } = await poolOf()({ do: 'answer', value: bytes }, 'a', { transfer: [bytes.buffer] });
    expect(bytes.byteLength).toBe(0);
    expect(value).toEqual(new Uint8Array(1_000).fill(7));
  });

  it('waiting callers are served in rotation: many runs of one delay another by one run', async () => {
    const run = poolOf();
    const order: string[] = [];
    const note = (name: string) => () => void order.push(name);
    const begun = run({ do: 'pause', ms: 20 }).then(note('a1'));
    const waiting = ['a2', 'a3', 'a4'].map((name) => run({ do: 'answer' }).then(note(name)));
    await Promise.all([begun, ...waiting, run({ do: 'answer' }, 'b').then(note('b1'))]);
    expect(order.indexOf('b1')).toBeLessThanOrEqual(2);
  });

  it('a pool of threads refuses runs beyond the places of a caller and of all callers, and names the numbers', async () => {
    const run = poolOf({ maxWaiting: 3, maxWaitingPerKey: 2 });
    const accepted = ['a', 'a', 'a', 'b'].map((key) => run({ do: 'answer' }, key));
    await expect(run({ do: 'answer' }, 'a')).rejects.toMatchObject({
      code: 'THREADS_BUSY',
      message: '3 runs of threads-test wait for a thread in total, the maximum. Retry after 1000 ms.',
    });
    await Promise.all(accepted);
    const again = ['a', 'a', 'a'].map((key) => run({ do: 'answer' }, key));
    await expect(run({ do: 'answer' }, 'a')).rejects.toMatchObject({
      code: 'THREADS_BUSY',
      message: '2 runs of threads-test wait for a thread of this caller, the maximum. Retry after 1000 ms.',
    });
    await Promise.all([...again, run({ do: 'answer' }, 'b')]);
  });

  it('a pool of threads refuses a run that has not begun within its own wait, and shortens the deadline of a run', async () => {
    const run = poolOf();
    await run({ do: 'answer' });
    const spinning = run({ do: 'spin' }, 'a', { deadlineMs: 500 });
    await expect(run({ do: 'answer' }, 'b', { maxWaitMs: 10 })).rejects.toMatchObject({
      code: 'THREADS_BUSY',
      message: 'threads-test found no free thread within 10 ms. Retry after 1000 ms.',
    });
    await expect(spinning).rejects.toMatchObject({ message: expect.stringContaining('within 500 ms') });
    expect(results).toEqual(['done', 'refused', 'timed_out']);
  });

  it('a pool of threads ends a run at the signal of its caller, waiting or begun', async () => {
    const run = poolOf();
    const [begun, waiting] = [new AbortController(), new AbortController()];
    await run({ do: 'answer' });
    const spinning = run({ do: 'spin' }, 'a', { signal: begun.signal });
    const queued = run({ do: 'answer' }, 'a', { signal: waiting.signal });
    waiting.abort(new Error('no longer wanted'));
    await expect(queued).rejects.toThrow('no longer wanted');
    begun.abort(new Error('client is gone'));
    await expect(spinning).rejects.toThrow('client is gone');
    await expect(run({ do: 'answer' }, 'a', { signal: AbortSignal.abort(new Error('never')) })).rejects.toThrow(
      'never',
    );
    expect(await run({ do: 'answer', value: 1 })).toMatchObject({ value: 1 });
    expect(results).toEqual(['done', 'aborted', 'aborted', 'done']);
  });

  it('finishes begun and waiting runs when it closes, and takes no new ones', async () => {
    const run = poolOf();
    const accepted = [run({ do: 'pause', ms: 20 }), run({ do: 'answer', value: 1 })];
    const closed = pools[0]!.close();
    await expect(run({ do: 'answer' })).rejects.toMatchObject({ code: 'THREADS_STOPPING' });
    await closed;
    expect(await Promise.all(accepted)).toMatchObject([{}, { value: 1 }]);
  });

  it('terminates what still runs after the drain time', async () => {
    const run = poolOf({ drainMs: 10 });
    await run({ do: 'answer' });
    const left = Promise.allSettled([run({ do: 'spin' }), run({ do: 'answer' })]);
    await pools[0]!.close();
    for (const one of await left)
      expect(one).toMatchObject({ status: 'rejected', reason: { code: 'THREADS_STOPPING' } });
  });

  it('loads no package into a thread by itself', async () => {
    const thread = new Worker(new URL(import.meta.resolve('./thread-entry.js')), {
      execArgv: [...process.execArgv, '--import', import.meta.resolve('../../test/setup/loaded-packages.mjs')],
      stderr: true,
    });
    const printed = text(thread.stderr);
    await once(thread, 'exit');
    expect(JSON.parse(await printed).packages).toEqual([]);
  });
});
