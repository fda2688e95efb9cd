import { eventually } from '../setup/eventually.js';
import { CommandLine } from './command-line.fixture.js';
import { buildIfStale } from '../setup/build-if-stale.js';
import { DeskFolder, type DeskProcess } from './desk-process.fixture.js';

let folder: DeskFolder;
let desk: DeskProcess;
let url: string;

beforeAll(async () => {
  buildIfStale();
  folder = new DeskFolder();
  desk = folder.serve({ DESKWIRE_DEMO: 'true' });
  url = await desk.ready();
});
afterAll(() => folder.remove());

async function call(path: string, token: string): Promise<any> {
  const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}

async function signIn(role: string): Promise<string> {
  const [, email, password] = new RegExp(`(\\S+@demo\\.deskwire\\.local)\\s+${role}\\s+(\\S+)`).exec(desk.stdout)!;
  const response = await fetch(`${url}/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  return ((await response.json()) as { accessToken: string }).accessToken;
}

describe('the demo desk', () => {
  it('the demo desk prints logins for operator, trader and viewer, and its values and orders change', async () => {
    const operator = await signIn('operator');
    expect(await signIn('trader')).toBeDefined();
    expect(await signIn('viewer')).toBeDefined();
    const first = await eventually(async () => {
      const { items } = await call('/v1/portfolios', operator);
      expect(items).toHaveLength(7);
      return items as { portfolioId: string; value: string; asOf: string }[];
    });
    const byId = async () =>
      new Map(((await call('/v1/portfolios', operator)).items as typeof first).map((item) => [item.portfolioId, item]));
    expect(first.every((item) => item.portfolioId.startsWith('demo-'))).toBe(true);
    await eventually(async () => {
      const now = await byId();
      expect(first.filter(({ portfolioId, value }) => now.get(portfolioId)!.value !== value).length).toBeGreaterThan(3);
      expect(first.filter(({ portfolioId, asOf }) => now.get(portfolioId)!.asOf !== asOf).length).toBeGreaterThan(0);
    });
  });

  it('the demo desk has contracts, followers, and expiring sessions', async () => {
    const trader = await signIn('trader');
    await eventually(async () => expect((await call('/v1/watchlist', trader)).items.length).toBeGreaterThan(0));
    expect((await call('/v1/instruments?query=DEMOAMBE', trader)).items[0].name).toMatch(/^Demo /);
    await eventually(async () => {
      const { items } = await call('/v1/sessions', await signIn('operator'));
      expect(new Set(items.map(({ state }: { state: string }) => state))).toEqual(new Set(['active', 'expiring']));
    });
  });

  it('an item of the demo newswire becomes an alert and a webhook message with a verified signature', async () => {
    const operator = await signIn('operator');
    const alert = await eventually(async () => {
      const [found] = (await call('/v1/alerts?type=NewsPublished', operator)).items;
      expect(found).toMatchObject({ severity: 'warning', title: expect.stringContaining('halted') });
      return found as { id: string };
    });
    // 204 answers verified signatures only, and 401 all others.
    await eventually(async () => {
      const { items } = await call('/v1/deliveries?status=delivered', operator);
      expect(items).toContainEqual(expect.objectContaining({ alertId: alert.id, statusCode: 204 }));
    });
    const { panels } = await call('/v1/dashboard?panels=feeds,alerts,deliveries,webhooks', operator);
    expect(panels.feeds.items).toMatchObject([{ name: 'demo-newswire', lastError: null }]);
    expect(panels.webhooks.items).toMatchObject([{ state: 'healthy' }]);
    expect(panels.alerts.items.map(({ id }: { id: string }) => id)).toContain(alert.id);
    expect(panels.deliveries.items.map(({ alertId }: { alertId: string }) => alertId)).toContain(alert.id);
  });

  it('a running demo is not cleared, and a stopped one is cleared to the last row except users of the desk', async () => {
    const deskwire = new CommandLine(folder.home);
    const added = await deskwire.run(['users', 'add', 'ann@desk.example', '--json']).json();
    const refused = deskwire.run(['demo', 'clear']);
    expect(await refused.exit).toBe(75);
    expect(refused.stderr).toContain('running');
    expect(await deskwire.run(['demo', 'status', '--json']).json()).toMatchObject({
      users: 4,
      portfolios: 7,
      running: true,
    });

    // Ctrl-C reaches the whole group. PostgreSQL is not in it, so that work in progress can finish.
    desk.kill('SIGINT', 'group');
    expect(await desk.exit).toBe(0);
    await eventually(() => expect(folder.left()).toEqual([]));
    expect(desk.stdout + desk.stderr).not.toMatch(/57P0|shutting down|terminat|pauses|lost/);
    const removed = await deskwire.run(['demo', 'clear', '--json']).json();
    expect(removed).toMatchObject({
      users: 4,
      portfolios: 7,
      feeds: 1,
      alerts: expect.any(Number),
      deliveries: expect.any(Number),
    });
    expect(removed.alerts).toBeGreaterThan(0);
    expect(removed.instruments).toBeGreaterThan(5_000);
    expect(await deskwire.run(['demo', 'status', '--json']).json()).toEqual({
      users: 0,
      portfolios: 0,
      quotes: 0,
      instruments: 0,
      running: false,
    });
    const left = await deskwire.run(['users', 'list', '--json']).json<{ id: string; email: string }[]>();
    expect(left.map(({ email }) => email)).toEqual(['admin@deskwire.local', 'ann@desk.example']);
    expect(left.map(({ id }) => id)).toContain(added.id);
  });
});
