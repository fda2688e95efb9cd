import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LiveSockets } from '#realtime';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

const PAGES = readdirSync('docs').filter((name) => name.endsWith('.md'));

/** The code blocks of a page in this language, as they stand. */
function blocksOf(page: string, language: string): string[] {
  const blocks = readFileSync(join('docs', page), 'utf8').matchAll(/^( *)```(\w*)\n(.*?)^ *```$/gms);
  return [...blocks]
    .filter(([, , name]) => name === language)
    .map(([, indent, , code]) => code!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

describe('the code blocks of the docs', () => {
  it.each(PAGES)('that are JSON in %s can be parsed', (page) => {
    for (const block of blocksOf(page, 'json')) expect(() => JSON.parse(block) as unknown).not.toThrow();
  });
});

describe('the client of docs/dashboard.md', () => {
  let desk: TestApp;
  let trader: Awaited<ReturnType<TestApp['login']>>;
  let client: ChildProcess;
  let folder: string;
  const printed: string[] = [];

  beforeAll(async () => {
    desk = await startTestApp();
    trader = await desk.login('trader');
    // Inside node_modules its imports resolve as in a project that has installed them.
    folder = mkdtempSync(join(process.cwd(), 'node_modules', '.docs-spec-'));
    writeFileSync(join(folder, 'watch.mjs'), blocksOf('dashboard.md', 'js')[0]!);
    client = spawn(process.execPath, [join(folder, 'watch.mjs')], {
      env: { DESK: desk.url, EMAIL: trader.email, PASSWORD: trader.password },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    createInterface(client.stdout!).on('line', (line) => printed.push(line));
  });
  afterAll(async () => {
    client.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    await desk.close();
  });

  async function storeCash(cash: string): Promise<void> {
    const asOf = new Date().toISOString();
    const body = { broker: 'zerodha', account: 'A1', asOf, currency: 'INR', cash, positions: [] };
    const { status } = await desk.request('PUT', '/v1/portfolios/p/snapshot', { token: trader.token, body });
    expect(status).toBe(200);
  }

  /** The last line is the cut that REST answers now, and its totals hold the cash. */
  const expectCurrent = (cash: string) =>
    eventually(async () => {
      const { body } = await desk.request('GET', '/v1/dashboard?panels=portfolios', { token: trader.token });
      const totals = JSON.stringify(body.panels.portfolios.totals);
      expect(totals).toContain(cash);
      expect(printed.at(-1)).toBe(`${body.snapshot.id} ${totals}`);
    });

  it('shows what REST answers at the same snapshot id, and follows each change', async () => {
    await eventually(() => expect(printed.length).toBeGreaterThan(0));
    await storeCash('1234.5');
    await expectCurrent('1234.5');
  });

  it('signs in again with its refresh token when the server closes the socket, and goes on', async () => {
    const sockets = desk.get(LiveSockets);
    const [before] = [...sockets.all];
    sockets.close(before!, 'expired');
    await eventually(() => expect([...sockets.all].filter((socket) => socket !== before)).toHaveLength(1));
    await storeCash('6789.5');
    await expectCurrent('6789.5');
  });
});
