import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { gzipSync } from 'node:zlib';
import { Transactions } from '#database';
import { DeliveryQueue } from '#deliveries';
import { Egress } from '#egress';
import { LiveSockets } from '#realtime';
import { kiteHolding } from '../../libs/portfolios/exports/exports.fixture.js';
import { rss } from '../integration/feeds/rss.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { testEnvironment } from '../setup/test-environment.js';
import { codeBlocksOf, DocumentShell } from './document-shell.fixture.js';

const PAGES = ['README.md', ...readdirSync('docs').map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
);
const BLOCKS = PAGES.flatMap(codeBlocksOf);
const LANGUAGES = ['ini', 'js', 'json', 'mermaid', 'nginx', 'sh', 'sql', 'text'];
/** Pages whose commands stop writes, migrate and restore: test/e2e/operators-docs.spec.ts runs them on a desk of its own. */
const ELSEWHERE = ['docs/backup.md', 'docs/rollback.md'];
const TWO_CLUSTERS = 'needs two clusters; the tests of replication run it';
/** The first lines of the shell blocks marked `untested`, each with the reason why no test runs it. */
const UNTESTED: Record<string, string> = {
  'npm ci && npm start': 'installs packages and starts a desk that does not end',
  'npm ci && npm test': 'runs this test',
  'npm run loadtest': 'takes minutes; load-test.spec.ts runs its short form',
  'npm run loadtest -- --capacity': 'takes minutes, and measures only on a quiet machine',
  'deskwire feeds run': 'polls public web sites',
  'deskwire migrate create add-user-locale': 'writes into a checkout; test/e2e/cli-migrate-review.spec.ts does it',
  'deskwire replication setup --primary-url "postgres://replicator:$PASSWORD@primary.example:5432/deskwire"':
    TWO_CLUSTERS,
  'deskwire secrets export --sealed /safe/deskwire.sealed': TWO_CLUSTERS,
  'deskwire replication conflicts': TWO_CLUSTERS,
  'deskwire replication conflicts --skip': TWO_CLUSTERS,
  'deskwire replication promote --primary-lost --secrets /safe/deskwire.sealed --secondary "$SECONDARY_URL"':
    TWO_CLUSTERS,
  'cat > .env <<END': 'builds a container image',
  'kubectl create namespace deskwire': 'needs a Kubernetes cluster',
  'kubectl -n deskwire delete job deskwire-migrate --ignore-not-found': 'needs a Kubernetes cluster',
};
const hasCurl = spawnSync('curl', ['--version']).status === 0;

const KITE_HEADER =
  'instrument_token,exchange_token,tradingsymbol,name,last_price,expiry,strike,tick_size,lot_size,instrument_type,segment,exchange';
const EDGAR_ENTRY =
  '<entry><title>8-K - ACME (0000001000) (Filer)</title><link href="https://www.sec.gov/x-index.htm"/><summary type="html">Filed</summary><updated>2025-12-12T18:00:00-05:00</updated><category term="8-K"/><id>urn:tag:sec.gov,2008:accession-number=0000000001-25-000001</id></entry>';
/** The files that the examples read. */
const FILES: Record<string, string | Uint8Array> = {
  'halts.xml': rss([{ guid: 'halt-1', title: 'ACME' }]),
  'crawls/page.xml': `<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Latest</title>${EDGAR_ENTRY}</feed>`,
  'bars.csv': 'Date,Close\n2026-01-05,100.5\n',
  'company_tickers.json.gz': gzipSync('{"0":{"cik_str":320193,"ticker":"AAPL","title":"Apple Inc."}}'),
  'positions.json': JSON.stringify({ status: 'success', data: { net: [], day: [] } }),
  'holdings.json': JSON.stringify({ status: 'success', data: [kiteHolding('ACME', 10)] }),
  'acme.json': '[{"exch_seg":"NSE","token":"1","symbol":"ACME-EQ"}]',
  'acme.mapping.json': JSON.stringify({
    ...{ name: 'acme', format: 'json', key: ['exch_seg', 'token'] },
    columns: { exchange: 'exch_seg', tradingsymbol: 'symbol' },
  }),
  'kite.csv.gz': gzipSync(`${KITE_HEADER}\n1000,1,ACME,Acme,0,,0,0.05,1,EQ,NSE,NSE\n`),
};

describe('the code blocks of the docs', () => {
  it('every code block of the docs names a language that these tests know', () => {
    expect(BLOCKS.filter(({ language }) => !LANGUAGES.includes(language))).toEqual([]);
  });

  it.each(PAGES)('JSON blocks in %s can be parsed', (page) => {
    for (const { code } of BLOCKS.filter((block) => block.page === page && block.language === 'json'))
      expect(() => JSON.parse(code) as unknown).not.toThrow();
  });

  it('every shell block of the docs is run by a test or listed with a reason', () => {
    // test/integration/deploy compares the commands of Kubernetes with the manifests.
    const labelled = BLOCKS.filter(({ language, label }) => language === 'sh' && !['', 'kubectl'].includes(label));
    expect(labelled.map(({ label }) => label)).toEqual(labelled.map(() => 'untested'));
    const firstLines = new Set(labelled.map(({ code }) => code.split('\n')[0]));
    expect([...firstLines].sort()).toEqual(Object.keys(UNTESTED).sort());
  });
});

describe('a desk', () => {
  let desk: TestApp;

  beforeAll(async () => {
    // Without background work, which would poll the public feeds that the examples add.
    desk = await startTestApp({ env: { DESKWIRE_ROLE: 'web' } });
  });
  afterAll(() => desk.close());

  (hasCurl ? describe : describe.skip)(
    `answers the shell commands of the docs${hasCurl ? '' : ' (skipped: no curl)'}`,
    () => {
      const runnable = BLOCKS.filter(
        ({ page, language, label }) => language === 'sh' && label === '' && !ELSEWHERE.includes(page),
      );
      let receiver: TestReceiver;
      let shell: DocumentShell;
      let variables: Record<string, string>;

      beforeAll(async () => {
        receiver = await new TestReceiver().open();
        desk.get(Egress).allow(receiver.host);
        const { WEBHOOK_ENCRYPTION_KEY, SESSIONS_ENCRYPTION_KEY } = testEnvironment('');
        shell = await DocumentShell.open({
          ...{ DATABASE_URL: desk.database.url },
          ...{ WEBHOOK_ENCRYPTION_KEY: WEBHOOK_ENCRYPTION_KEY!, SESSIONS_ENCRYPTION_KEY: SESSIONS_ENCRYPTION_KEY! },
        });
        mkdirSync(join(shell.folder, 'crawls'));
        for (const [name, content] of Object.entries(FILES)) writeFileSync(join(shell.folder, name), content);
        const { token, email, password } = await desk.login('admin');
        const post = async (path: string, body: unknown) => (await desk.request('POST', path, { token, body })).body;
        const { id: endpointId } = await post('/v1/webhooks', { url: receiver.url });
        const [delivery] = await desk
          .get(Transactions)
          .atomic(() =>
            desk.get(DeliveryQueue).enqueue([{ alertId: randomUUID(), endpointId, messageId: 'message', body: '{}' }]),
          );
        const { importId } = await post('/v1/instruments/imports?broker=zerodha', FILES['kite.csv.gz']);
        variables = {
          ...{ DESK: desk.url, TOKEN: token, EMAIL: email, PASSWORD: password, RECEIVER_URL: receiver.url },
          ...{ ENDPOINT_ID: endpointId, DELIVERY_ID: delivery!.id, IMPORT_ID: importId },
        };
      });
      afterAll(async () => {
        await shell.close();
        await receiver.close();
      });

      it.each([...new Set(runnable.map(({ page }) => page))])(
        'the shell commands of %s succeed unchanged and in order',
        async (page) => {
          const blocks = runnable.filter((block) => block.page === page).map(({ code }) => code);
          expect(await shell.run(blocks, variables)).toEqual({ code: 0, output: expect.any(String) });
        },
      );

      it('a failing shell command fails this test', async () => {
        const broken = [
          'curl "$DESK/v1/dashboard?panels=nope" -H "Authorization: Bearer $TOKEN"',
          'deskwire feeds list',
        ];
        for (const block of broken) {
          const { code, output } = await shell.run([block, 'echo continued'], variables);
          expect(code).not.toBe(0);
          expect(output).toContain('failed: ');
          expect(output).not.toContain('continued');
        }
      });
    },
  );

  describe('the client of docs/dashboard.md', () => {
    let trader: Awaited<ReturnType<TestApp['login']>>;
    let client: ChildProcess;
    let folder: string;
    const printed: string[] = [];

    beforeAll(async () => {
      trader = await desk.login('trader');
      // In node_modules its imports resolve as in a project that has installed them.
      folder = mkdtempSync(join(process.cwd(), 'node_modules', '.docs-spec-'));
      writeFileSync(
        join(folder, 'watch.mjs'),
        codeBlocksOf('docs/dashboard.md').find(({ language }) => language === 'js')!.code,
      );
      client = spawn(process.execPath, [join(folder, 'watch.mjs')], {
        env: { DESK: desk.url, EMAIL: trader.email, PASSWORD: trader.password },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      createInterface(client.stdout!).on('line', (line) => printed.push(line));
    });
    afterAll(async () => {
      client.kill('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    });

    async function storeCash(cash: string): Promise<void> {
      const asOf = new Date().toISOString();
      const body = { broker: 'zerodha', account: 'A1', asOf, currency: 'INR', cash, positions: [] };
      const { status } = await desk.request('PUT', '/v1/portfolios/p/snapshot', { token: trader.token, body });
      expect(status).toBe(200);
    }

    /** The last line is the current cut of REST, and its totals contain the cash. */
    const expectCurrent = (cash: string) =>
      eventually(async () => {
        const { body } = await desk.request('GET', '/v1/dashboard?panels=portfolios', { token: trader.token });
        const totals = JSON.stringify(body.panels.portfolios.totals);
        expect(totals).toContain(cash);
        expect(printed.at(-1)).toBe(`${body.snapshot.id} ${totals}`);
      });

    it('the client of docs/dashboard.md shows the answer of REST at the same snapshot id and follows each change', async () => {
      await eventually(() => expect(printed.length).toBeGreaterThan(0));
      await storeCash('1234.5');
      await expectCurrent('1234.5');
    });

    it('the client of docs/dashboard.md signs in again by its refresh token when the server closes the socket', async () => {
      const sockets = desk.get(LiveSockets);
      const [before] = [...sockets.all];
      sockets.close(before!, 'expired');
      await eventually(() => expect([...sockets.all].filter((socket) => socket !== before)).toHaveLength(1));
      await storeCash('6789.5');
      await expectCurrent('6789.5');
    });
  });
});
