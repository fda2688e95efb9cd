import { once } from 'node:events';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { jest } from '@jest/globals';
import { DependencyPolicy } from './dependency-policy.js';
import type { BreakerTransition } from './policy.js';
import type { PolicyOptions } from './policy-options.js';

const OPTIONS: PolicyOptions = {
  timeoutMs: 5_000,
  minTimeoutMs: 1_000,
  maxTimeoutMs: 5_000,
  retries: 0,
  retryBaseMs: 1,
  retryMaxMs: 5,
  failureRatio: 0.7,
  minimumCalls: 3,
  windowMs: 300_000,
  halfOpenAfterMs: 30,
  concurrency: 2,
  queue: 1,
};
const refused = () => Promise.reject(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));

function policyWith(options: Partial<PolicyOptions> = {}) {
  const outcomes: string[] = [];
  const moves: BreakerTransition[] = [];
  const events = {
    outcome: (_name: string, outcome: string) => void outcomes.push(outcome),
    transition: (move: BreakerTransition) => void moves.push(move),
  };
  return { outcomes, moves, policy: new DependencyPolicy('edgar', { ...OPTIONS, ...options }, events) };
}

async function opened(options: Partial<PolicyOptions> = {}) {
  const made = policyWith(options);
  for (let i = 0; i < 3; i += 1) await made.policy.execute(refused).catch(() => undefined);
  expect(made.policy.state).toBe('open');
  return made;
}

/** Lets this much time pass on the virtual clock. */
const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('a policy', () => {
  afterEach(() => void jest.useRealTimers());

  it('a policy ends a call at its timeout although the work ignores the aborted signal', async () => {
    const { policy, outcomes } = policyWith({ timeoutMs: 20, minTimeoutMs: 20, maxTimeoutMs: 20 });
    let told: AbortSignal | undefined;
    const work = policy.execute((signal) => ((told = signal), new Promise(() => undefined)));
    await expect(work).rejects.toMatchObject({ code: 'RESILIENCE_TIMED_OUT', errorClass: 'timeout' });
    expect(told!.aborted).toBe(true);
    expect(outcomes).toEqual(['timeout']);
  });

  it("a policy's timeout follows its fast calls, ends a call at it, and is higher after that", async () => {
    const { policy } = policyWith({ timeoutMs: 60_000, minTimeoutMs: 30, maxTimeoutMs: 60_000, failureRatio: 0 });
    for (let n = 0; n < 19; n += 1) await policy.execute(() => Promise.resolve());
    expect(policy.view()).toMatchObject({ timeoutMs: 60_000, p99Ms: null });
    await policy.execute(() => Promise.resolve());
    const { timeoutMs, p99Ms } = policy.view();
    expect(timeoutMs).toBeLessThan(60_000);
    expect(p99Ms).toBeGreaterThan(0);
    await expect(policy.execute(() => new Promise(() => undefined))).rejects.toMatchObject({
      message: `edgar did not answer within ${timeoutMs} ms.`,
    });
    expect(policy.view().timeoutMs).toBe(2 * timeoutMs);
  });

  it('a policy reads an answer that came while the process was busy, although its timeout has passed', async () => {
    const { policy } = policyWith({ timeoutMs: 20, minTimeoutMs: 20, maxTimeoutMs: 20 });
    const server = createServer((socket) => socket.end('answer'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const socket = new Socket().pause();
    socket.connect((server.address() as AddressInfo).port, '127.0.0.1');
    await once(socket, 'connect');
    const answer = policy.execute(() => {
      const data = once(socket, 'data');
      for (const until = performance.now() + 60; performance.now() < until;);
      socket.resume();
      return data;
    });
    expect(String((await answer)[0])).toBe('answer');
    server.close();
  });

  it('a policy measures only calls that succeed', async () => {
    const { policy } = policyWith({ failureRatio: 0 });
    for (let n = 0; n < 40; n += 1) await policy.execute(refused).catch(() => undefined);
    expect(policy.view()).toMatchObject({ timeoutMs: 5_000, minTimeoutMs: 1_000, maxTimeoutMs: 5_000, p99Ms: null });
  });

  it('a policy retries a transient error and returns the last result', async () => {
    const { policy } = policyWith({ retries: 2 });
    let tries = 0;
    await expect(policy.execute(() => (++tries < 3 ? refused() : Promise.resolve('page')))).resolves.toBe('page');
    expect(tries).toBe(3);
  });

  it.each([
    ['a 4xx', Object.assign(new Error('gone'), { status: 404 })],
    ['a fault of our own', new TypeError('x')],
  ])('a policy does not retry %s', async (_what, error) => {
    const { policy } = policyWith({ retries: 5 });
    let tries = 0;
    await expect(policy.execute(() => ((tries += 1), Promise.reject(error)))).rejects.toBe(error);
    expect(tries).toBe(1);
  });

  it('a policy opens when most calls fail, and then refuses calls with the time of the next attempt', async () => {
    const { policy, moves, outcomes } = await opened({ halfOpenAfterMs: 30_000 });
    let called = false;
    const refusal = policy.execute(() => ((called = true), Promise.resolve(1)));
    await expect(refusal).rejects.toMatchObject({
      code: 'RESILIENCE_CIRCUIT_OPEN',
      details: { kind: 'unavailable', retryAfterMs: expect.any(Number) },
    });
    expect(called).toBe(false);
    expect(moves).toEqual([
      { name: 'edgar', from: 'closed', to: 'open', at: expect.any(Date), reason: 'refused (ECONNREFUSED)' },
    ]);
    expect(outcomes.at(-1)).toBe('open');
  });

  it('a policy stays closed when answers blame the caller (4xx)', async () => {
    const { policy } = policyWith();
    for (let i = 0; i < 50; i += 1)
      await policy.execute(() => Promise.reject(Object.assign(new Error('x'), { status: 404 }))).catch(() => undefined);
    expect(policy.state).toBe('closed');
    expect(policy.view()).toMatchObject({ calls: 50, failures: 0 });
  });

  it('a policy makes one probe after the open time, and closes if it succeeds', async () => {
    jest.useFakeTimers();
    const { policy, moves } = await opened();
    await pass(OPTIONS.halfOpenAfterMs);
    await expect(policy.execute(() => Promise.resolve('back'))).resolves.toBe('back');
    expect(moves.map(({ from, to }) => [from, to])).toEqual([
      ['closed', 'open'],
      ['open', 'half-open'],
      ['half-open', 'closed'],
    ]);
  });

  it('a policy stays open when the probe fails', async () => {
    jest.useFakeTimers();
    const { policy, moves } = await opened();
    await pass(OPTIONS.halfOpenAfterMs);
    await policy.execute(refused).catch(() => undefined);
    expect(policy.state).toBe('open');
    expect(moves.map(({ to }) => to)).toEqual(['open', 'half-open', 'open']);
  });

  it('a policy does not close on a probe that its caller aborted', async () => {
    jest.useFakeTimers();
    const { policy } = await opened();
    await pass(OPTIONS.halfOpenAfterMs);
    const caller = new AbortController();
    const probe = policy.execute(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      { signal: caller.signal },
    );
    caller.abort(new Error('bye'));
    await expect(probe).rejects.toThrow('bye');
    await pass(1);
    expect(policy.state).toBe('open');
  });

  it('a policy ends aborted calls at once and does not count them against the dependency', async () => {
    const { policy, outcomes } = policyWith();
    for (let i = 0; i < 20; i += 1) {
      const caller = new AbortController();
      const call = policy.execute(() => new Promise(() => undefined), { signal: caller.signal });
      caller.abort(new Error('bye'));
      await expect(call).rejects.toThrow('bye');
    }
    expect(policy.state).toBe('closed');
    expect(new Set(outcomes)).toEqual(new Set(['aborted']));
  });

  it('a policy runs calls up to its concurrency, queues as many as its queue holds, and refuses the rest', async () => {
    const { policy } = policyWith();
    const gate = Promise.withResolvers<void>();
    let inside = 0;
    const work = () => ((inside += 1), gate.promise);
    const calls = [1, 2, 3].map(() => policy.execute(work));
    await expect(policy.execute(work)).rejects.toMatchObject({ code: 'RESILIENCE_TOO_MANY_CALLS' });
    expect(inside).toBe(2);
    gate.resolve();
    await Promise.all(calls);
    expect(inside).toBe(3);
  });

  it('a policy returns the fallback instead of a failure, also undefined and null, but not to an aborted caller', async () => {
    const { policy, outcomes } = policyWith();
    await expect(policy.execute<number>(refused, { fallback: 7 })).resolves.toBe(7);
    await expect(policy.execute<undefined>(refused, { fallback: undefined })).resolves.toBeUndefined();
    expect(outcomes).toEqual(['fallback', 'fallback']);
    await expect(
      policy.execute(() => Promise.resolve(1), { fallback: 2, signal: AbortSignal.abort(new Error('bye')) }),
    ).rejects.toThrow('bye');
  });

  it('a policy never opens if failureRatio is 0', async () => {
    const { policy } = policyWith({ failureRatio: 0 });
    for (let i = 0; i < 100; i += 1) await policy.execute(refused).catch(() => undefined);
    expect(policy.state).toBe('closed');
  });
});
