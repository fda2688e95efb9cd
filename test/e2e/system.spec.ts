import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

interface TaskRow {
  name: string;
  role: string;
  state: string;
  everyMs: number;
  lastRunAt: string | null;
  lastDurationMs: number | null;
  lastResult: string | null;
  nextRunAt: string | null;
}

describe('what operators see of a process', () => {
  let desk: TestApp;
  let token: string;

  beforeAll(async () => {
    desk = await startTestApp();
    ({ token } = await desk.login('operator'));
  });
  afterAll(() => desk.close());

  const items = async <T>(path: string): Promise<T[]> => {
    const { status, body } = await desk.request('GET', path, { token });
    expect(status).toBe(200);
    return body.items;
  };

  it.each(['/v1/system/breakers', '/v1/system/limits', '/v1/system/tasks', '/v1/system/startup'])(
    '%s answers 401 without a token and 403 to a trader',
    async (path) => {
      const trader = await desk.login('trader');
      expect((await desk.request('GET', path)).status).toBe(401);
      expect((await desk.request('GET', path, { token: trader.token })).status).toBe(403);
      expect((await desk.request('GET', path, { token })).status).toBe(200);
    },
  );

  it('/v1/system/tasks lists each background task with its last run, its result and its next run', async () => {
    const row = await eventually(async () => {
      const found = (await items<TaskRow>('/v1/system/tasks')).find(({ name }) => name === 'events-inbox')!;
      expect(found).toMatchObject({ state: 'waiting', lastResult: 'done' });
      return found;
    });
    expect(row).toMatchObject({ role: 'worker', everyMs: 1_000, lastDurationMs: expect.any(Number) });
    expect(Date.parse(row.nextRunAt!)).toBeGreaterThan(Date.parse(row.lastRunAt!));
    const names = (await items<TaskRow>('/v1/system/tasks')).map(({ name }) => name);
    expect(names).toEqual([...names].sort((a, b) => a.localeCompare(b)));
    expect(names).toEqual(
      expect.arrayContaining([
        'changes-read',
        'feeds-poll',
        'retention-alerts',
        'retention-change_feed',
        'sessions-expiry',
      ]),
    );
  });

  it('/v1/system/startup shows the phases of the start in order, each with its duration, and the state of the process', async () => {
    const { body } = await desk.request('GET', '/v1/system/startup', { token });
    expect(body).toMatchObject({ phase: 'ready', role: 'all', readOnly: false, pendingMigrations: [] });
    const phases = body.steps.map(({ phase }: { phase: string }) => phase);
    expect(phases).toEqual(['connect', 'lock', 'migrate', 'auth', 'checks', 'ready']);
    const durations: (number | null)[] = body.steps.map(({ durationMs }: { durationMs: number | null }) => durationMs);
    expect(durations.at(-1)).toBeNull();
    expect(body.durationMs).toBe(durations.reduce((sum: number, ms) => sum + (ms ?? 0), 0));
    expect(body.startedAt).toBe(body.steps[0].at);
  });

  it('/v1/system/limits lists each limit of requests, sign-ins and sockets with its scope, its use and its refusals', async () => {
    const limits = await items<{ name: string; refusals: number }>('/v1/system/limits');
    expect(limits.map(({ name }) => name)).toEqual([
      'auth.failed_sign_ins_per_account',
      'auth.failed_sign_ins_per_network',
      'auth.failed_sign_ins_per_pair',
      'realtime.connections',
      'realtime.connections_of_cluster',
      'realtime.connections_per_address',
      'realtime.connections_per_user',
      'realtime.connects_per_second',
      'realtime.unauthenticated_per_address',
      'throttling.bulk',
      'throttling.bulk_at_once',
      'throttling.costly_at_once',
      'throttling.login',
      'throttling.login_address',
      'throttling.read',
      'throttling.scrape_at_once',
      'throttling.write',
      'throttling.write_at_once',
    ]);
    const read = limits.find(({ name }) => name === 'throttling.read');
    expect(read).toMatchObject({ limit: 60_000, per: 'user', scope: 'cluster', counted: 'process', refusals: 0 });
    expect((read as { used?: number }).used).toBeGreaterThan(0);
    const turns = limits.find(({ name }) => name === 'throttling.write_at_once');
    expect(turns).toEqual({
      ...{ name: 'throttling.write_at_once', limit: 4, per: 'user', scope: 'process', counted: 'process' },
      ...{ used: 0, headroom: 1, refusals: 0 },
    });
  });

  it('/metrics counts the runs of every task that this process runs', async () => {
    const { body } = await desk.request<string>('GET', '/metrics');
    const counted = new Set([...body.matchAll(/^background_runs_total\{task="([^"]+)"/gm)].map(([, task]) => task));
    const running = (await items<TaskRow>('/v1/system/tasks')).filter(({ state }) => state !== 'off');
    expect(running.map(({ name }) => name).filter((name) => !counted.has(name))).toEqual([]);
  });
});
