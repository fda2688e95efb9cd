import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../setup/eventually.js';
import { buildIfStale, DeskFolder } from './desk-process.fixture.js';

const ADMIN = { ADMIN_EMAIL: 'ops@desk.example', ADMIN_PASSWORD: 'a password of the operator' };
const WRITERS = 8;
/** Only guards against hanging. */
const LIMIT_MS = 60_000;

describe('quotes under kills (kill -9)', () => {
  const folder = new DeskFolder();
  /** The keys of all acknowledged quotes. Each quote has a key of its own, so that none hides the loss of another. */
  const acknowledged = new Set<string>();
  let sent = 0;

  beforeAll(buildIfStale);
  afterAll(() => folder.remove());

  const call = (url: string, method: string, path: string, token?: string, body?: object) =>
    fetch(new URL(path, url), {
      method,
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
  const signIn = async (url: string) => {
    const credentials = { email: ADMIN.ADMIN_EMAIL, password: ADMIN.ADMIN_PASSWORD };
    const answer = await call(url, 'POST', '/v1/auth/login', undefined, credentials);
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { accessToken: string }).accessToken;
  };
  /** Posts quotes until `signal` says so. Whatever fails may or may not be stored. */
  const write = async (url: string, token: string, signal: AbortSignal) => {
    while (!signal.aborted) {
      const key = `K${++sent}`;
      const quote = { broker: 'zerodha', key, price: '1', asOf: '2026-08-17T03:45:00Z' };
      const answer = await call(url, 'POST', '/v1/quotes', token, { quotes: [quote] }).catch(() => undefined);
      if (answer?.status === 200) acknowledged.add(key);
      else await pause(20);
    }
  };
  /** Runs writers while `during` is done, and until more quotes are acknowledged afterwards if the desk is to live on. */
  const underWrites = async (url: string, during: () => unknown, livesOn: boolean) => {
    const token = await signIn(url);
    const stop = new AbortController();
    const writers = Array.from({ length: WRITERS }, () => write(url, token, stop.signal));
    const moreThan = (count: number) => eventually(() => expect(acknowledged.size).toBeGreaterThan(count), LIMIT_MS);
    await moreThan(acknowledged.size + 100);
    await during();
    if (livesOn) await moreThan(acknowledged.size + 10);
    stop.abort();
    await Promise.all(writers);
  };
  const expectNothingLost = async (url: string) => {
    const token = await signIn(url);
    const stored = new Set<string>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = `broker=zerodha&limit=500${cursor === '' ? '' : `&cursor=${cursor}`}`;
      const answer = await call(url, 'GET', `/v1/quotes?${query}`, token);
      const page = (await answer.json()) as { items: { key: string }[]; nextCursor: string | null };
      for (const { key } of page.items) stored.add(key);
      cursor = page.nextCursor;
    }
    expect([...acknowledged].filter((key) => !stored.has(key))).toEqual([]);
  };

  it('every acknowledged quote is there after PostgreSQL was killed', async () => {
    const { desk, url } = await folder.running(ADMIN);
    const killed = async () => {
      folder.killDatabase();
      await desk.says(/the embedded PostgreSQL runs again/);
    };
    await underWrites(url, killed, true);
    await expectNothingLost(url);
  }, 180_000);

  it('every acknowledged quote is there after the desk was killed', async () => {
    const { desk, url } = await folder.running(ADMIN);
    await underWrites(url, () => desk.kill('SIGKILL'), false);
    await desk.exit;
    const again = await folder.running(ADMIN);
    await expectNothingLost(again.url);
    again.desk.kill('SIGTERM');
    expect(await again.desk.exit).toBe(0);
  }, 180_000);
});
