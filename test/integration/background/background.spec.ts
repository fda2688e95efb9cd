import { Injectable, Module } from '@nestjs/common';
import { Background, BackgroundTasks } from '#background';
import { Startup } from '#database';
import { correlationId, withCorrelation } from '#telemetry';
import { register } from 'prom-client';
import { eventually } from '../../setup/eventually.js';
import { createTestDatabase, type TestDatabase } from '../../setup/test-database.js';
import { testModule, type TestModule, type TestModuleOptions } from '../../setup/test-module.js';

/** A run that the test has seen begin and ends when it likes. */
interface Run {
  task: string;
  correlationId: string;
  signal: AbortSignal;
  end(error?: Error): void;
}

const LONG = 3_600_000;

/** Records each run and holds it until the test ends it. */
@Injectable()
class Work {
  readonly runs: Run[] = [];
  readonly readyWhenRun: boolean[] = [];
  /** Behaviour of a run when it is aborted. Default: it ends. */
  onAbort = (end: () => void): void => end();
  private waiting: ((run: Run) => void)[] = [];

  constructor(private readonly startup: Startup) {}

  /** The next run to begin. */
  next(): Promise<Run> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  @Background({ name: 'test-at-start', every: 5_000, role: 'every-process', whenReadOnly: 'run', atStart: true })
  atStart(signal: AbortSignal): Promise<void> {
    this.readyWhenRun.push(this.startup.isReady);
    return this.begin('test-at-start', signal);
  }

  @Background({ name: 'test-woken', every: LONG, role: 'every-process', whenReadOnly: 'run' })
  woken(signal: AbortSignal): Promise<void> {
    return this.begin('test-woken', signal);
  }

  @Background({ name: 'test-worker', every: LONG, role: 'worker', whenReadOnly: 'pause' })
  worker(signal: AbortSignal): Promise<void> {
    return this.begin('test-worker', signal);
  }

  @Background({ name: 'test-retried', every: LONG, retry: 5, role: 'worker', whenReadOnly: 'run' })
  retried(signal: AbortSignal): Promise<void> {
    return this.begin('test-retried', signal);
  }

  @Background({
    name: 'test-unwanted',
    every: (work: Work) => work.runs.length + 1,
    role: 'worker',
    whenReadOnly: 'run',
    when: (work: Work) => work.runs.length > 1_000,
  })
  unwanted(signal: AbortSignal): Promise<void> {
    return this.begin('test-unwanted', signal);
  }

  private begin(task: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const run = {
      task,
      correlationId: correlationId(),
      signal,
      end: (error?: Error) => (error ? reject(error) : resolve()),
    };
    signal.addEventListener('abort', () => this.onAbort(resolve));
    this.runs.push(run);
    this.waiting.shift()?.(run);
    return promise;
  }
}

@Module({ providers: [Work] })
class WorkModule {}

describe('background tasks', () => {
  let database: TestDatabase;
  let desk: TestModule;
  let work: Work;
  let tasks: BackgroundTasks;

  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());
  afterEach(() => desk.close());

  async function start(env: TestModuleOptions['env'] = {}): Promise<void> {
    desk = await testModule([WorkModule], { database, env });
    work = desk.get(Work);
    tasks = desk.get(BackgroundTasks);
  }
  const row = (name: string) => tasks.list().find((task) => task.name === name)!;
  const ofTask = (name: string) => work.runs.filter(({ task }) => task === name);
  async function metric(name: string, labels: Record<string, string>): Promise<number | undefined> {
    const { values } = await register.getSingleMetric(name)!.get();
    return values.find((value) => Object.entries(labels).every(([key, label]) => value.labels[key] === label))?.value;
  }

  it('a task first runs after the start of the process is done', async () => {
    await start();
    await eventually(() => expect(ofTask('test-at-start')).toHaveLength(1));
    expect(work.readyWhenRun).toEqual([true]);
  });

  it('runs of a task never overlap, and any number of wakes during a run cause one more run after it', async () => {
    await start();
    tasks.wake('test-woken');
    const first = ofTask('test-woken')[0]!;
    for (let n = 0; n < 5; n++) tasks.wake('test-woken');
    expect(ofTask('test-woken')).toHaveLength(1);
    expect(row('test-woken')).toMatchObject({ state: 'running', lastRunAt: null, nextRunAt: null });
    const second = work.next();
    first.end();
    (await second).end();
    await eventually(() => expect(row('test-woken').state).toBe('waiting'));
    expect(ofTask('test-woken')).toHaveLength(2);
  });

  it('a run has its own correlation id, not that of the request that woke the task', async () => {
    await start();
    withCorrelation('the-request', () => tasks.wake('test-woken'));
    const { correlationId: first, end } = ofTask('test-woken')[0]!;
    expect(first).toMatch(/^[0-9a-f-]{36}$/);
    const next = work.next();
    tasks.wake('test-woken');
    end();
    expect((await next).correlationId).not.toBe(first);
  });

  it('a task woken for several times runs at the earliest of them', async () => {
    await start();
    const soon = Date.now() + 60_000;
    tasks.wake('test-woken', soon);
    tasks.wake('test-woken', soon + 60_000);
    expect(row('test-woken').nextRunAt!.getTime()).toBe(soon);
    const next = work.next();
    tasks.wake('test-woken', Date.now() + 1);
    expect((await next).task).toBe('test-woken');
  });

  it('waking a task that does not exist throws an error with its name', async () => {
    await start();
    expect(() => tasks.wake('test-wokn')).toThrow('There is no background task named test-wokn.');
  });

  it('first runs of hourly tasks are spread at random within 3 minutes of the start', async () => {
    await start();
    const delays = ['test-woken', 'test-worker', 'test-retried'].map(
      (name) => row(name).nextRunAt!.getTime() - Date.now(),
    );
    for (const delay of delays) expect(delay).toBeLessThanOrEqual(180_000);
    expect(new Set(delays).size).toBe(3);
  });

  it('a failed task runs again, and its row shows the code of the error but not the message', async () => {
    await start();
    tasks.wake('test-retried');
    const again = work.next();
    ofTask('test-retried')[0]!.end(Object.assign(new Error('a secret'), { code: '57P01' }));
    const second = await again;
    expect(row('test-retried')).toMatchObject({ state: 'running', lastResult: 'failed', lastError: '57P01' });
    expect(JSON.stringify(tasks.list())).not.toContain('a secret');
    expect(await metric('background_runs_total', { task: 'test-retried', result: 'failed' })).toBe(1);
    second.end();
    await eventually(() => expect(row('test-retried')).toMatchObject({ lastResult: 'done', lastError: null }));
    expect(row('test-retried').lastDurationMs).toBeGreaterThan(0);
    expect(await metric('background_runs_total', { task: 'test-retried', result: 'done' })).toBe(1);
    expect(await metric('background_last_success_timestamp_seconds', { task: 'test-retried' })).toBeGreaterThan(0);
  });

  it('tasks that write pause on a read-only desk, and others run', async () => {
    await start({ DB_READONLY: 'true' });
    tasks.wake('test-worker');
    tasks.wake('test-woken');
    expect(row('test-worker')).toMatchObject({ state: 'paused', nextRunAt: null });
    expect(work.runs.map(({ task }) => task)).not.toContain('test-worker');
    expect(ofTask('test-woken')).toHaveLength(1);
  });

  it('a web process does not run tasks of the role worker', async () => {
    await start({ DESKWIRE_ROLE: 'web' });
    tasks.wake('test-worker');
    tasks.wake('test-woken');
    expect(row('test-worker')).toMatchObject({ state: 'off', role: 'worker' });
    expect(ofTask('test-worker')).toEqual([]);
    expect(ofTask('test-woken')).toHaveLength(1);
  });

  it('a task whose class switches it off does not run', async () => {
    await start();
    tasks.wake('test-unwanted');
    expect(row('test-unwanted').state).toBe('off');
    expect(ofTask('test-unwanted')).toEqual([]);
  });

  it('at shutdown the signal of a run aborts, the close waits for the run, and no run begins', async () => {
    await start();
    tasks.wake('test-woken');
    tasks.wake('test-woken');
    const order: string[] = [];
    work.onAbort = (end) => {
      order.push('aborted');
      setImmediate(() => {
        order.push('ended');
        end();
      });
    };
    const begun = work.runs.length;
    await desk.context.close();
    order.push('closed');
    expect(order).toEqual([...work.runs.map(() => 'aborted'), ...work.runs.map(() => 'ended'), 'closed']);
    expect(work.runs).toHaveLength(begun);
  });

  it('a second task of the same name is refused', async () => {
    await start();
    const twin = { ...row('test-woken'), everyMs: () => 1, retryMs: () => 1, when: () => true, run: () => undefined };
    expect(() => tasks.add({ ...twin, whenReadOnly: 'run', atStart: false })).toThrow(
      'There are two background tasks named test-woken.',
    );
  });
});
