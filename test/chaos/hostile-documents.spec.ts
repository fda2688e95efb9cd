import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Database } from '#database';
import { FeedPoller } from '#feeds';
import { InstrumentImporter } from '#instruments';
import { filingsConfig } from '#filings/config';
import { Threads } from '#threads';
import { FilingDocuments } from '../../libs/filings/edgar/filing-documents.js';
import { HOSTILE } from '../../libs/feeds/formats/hostile-documents.fixture.js';
import { Turns } from '../../libs/instruments/masters/turns.js';
import { type FeedServer, startFeedServer } from '../integration/feeds/feed-server.fixture.js';
import { KITE_HEADER } from '../integration/instruments/masters.fixture.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { type DashboardSample, p99, sampleDashboard, takePriority, unfairness } from '../e2e/fairness.fixture.js';

const MB = 1024 * 1024;
/** Rounds of samples without and with the attack. */
const ROUNDS = 3;
const SAMPLES = 35;
/** The same for negative controls: each sample takes as long as the event loop is blocked. */
const BLOCKED = [1, 10] as const;

const CIK = '0000000001';
const ACCESSION = '0000000001-26-000001';

const empty = (): DashboardSample => ({ durations: [], stale: 0, statuses: [] });
function add(sum: DashboardSample, { durations, stale, statuses }: DashboardSample): void {
  sum.durations.push(...durations);
  sum.durations.sort((a, b) => a - b);
  sum.stale += stale;
  sum.statuses.push(...statuses);
}

describe('a hostile document', () => {
  let desk: TestApp;
  let server: FeedServer;
  let trader: string;
  let operator: string;
  let leavePriority: () => void;

  beforeAll(async () => {
    leavePriority = takePriority();
    server = await startFeedServer();
    desk = await startTestApp({
      // A web process polls nothing by itself, so each poll here is the test's own.
      env: {
        DESKWIRE_ROLE: 'web',
        EGRESS_ALLOW_HOSTS: server.host,
      },
      internals: [filingsConfig.with({ archiveUrl: `${server.origin}/archive`, archivePerSecond: 100 })],
    });
    trader = (await desk.login('trader')).token;
    operator = (await desk.login('operator')).token;
    await sampleDashboard(desk, trader, 5);
  });
  afterAll(async () => {
    await desk.close();
    await server.close();
    leavePriority();
  });

  /**
   * Measures another user's dashboard while `attack` is repeated, and returns the results of the attacks. Alternates
   * rounds without and with the attack, because other load changes over time. Repeats up to three times: other load may
   * disturb one measurement but not three, and an effective attack disturbs each.
   */
  async function measure<T>(attack: () => Promise<T>, times = 3): Promise<{ breaches: string[]; given: T[] }> {
    const measured = await measureOnce(attack);
    return measured.breaches.length === 0 || times === 1 ? measured : measure(attack, times - 1);
  }

  async function measureOnce<T>(
    attack: () => Promise<T>,
    rounds = ROUNDS,
    samples = SAMPLES,
  ): Promise<{ breaches: string[]; given: T[]; longest: number }> {
    const quiet = empty();
    const attacked = empty();
    const given: T[] = [];
    for (let round = 0; round < rounds; round++) {
      add(quiet, await sampleDashboard(desk, trader, samples));
      let stopped = false;
      const attacks = (async () => {
        do {
          given.push(await attack());
          // One document after the other: many requests are a matter of the request limits.
          await pause(25);
        } while (!stopped);
      })();
      add(attacked, await sampleDashboard(desk, trader, samples));
      stopped = true;
      await attacks;
    }
    return { breaches: unfairness([quiet], attacked), given, longest: p99(attacked) };
  }

  async function addFeed(name: string, kind: string, document: string): Promise<void> {
    const plain = Buffer.from(document);
    const zipped = gzipSync(plain, { level: 1 });
    // Some unpack to more than egress reads of an answer.
    const packed = zipped.length * 100 > plain.length;
    server.on(`/${name}`, (_request, response) => {
      response.writeHead(200, packed ? { 'content-encoding': 'gzip' } : {}).end(packed ? zipped : plain);
    });
    const settings = kind.startsWith('quotes') ? { quotes: { broker: 'made' } } : {};
    const body = { name, kind, url: `${server.origin}/${name}`, cadenceMs: 3_600_000, requestsPerSecond: 8, settings };
    expect((await desk.request('POST', '/v1/feeds', { token: operator, body })).status).toBe(201);
  }
  /** Polls each source once: as many at a time as a process fetches. */
  const poll = async () => {
    await desk.get(Database).run('UPDATE feed_sources SET next_run_at = now()');
    const polled: Awaited<ReturnType<FeedPoller['runDue']>> = [];
    for (let some = await desk.get(FeedPoller).runDue(); some.length > 0; some = await desk.get(FeedPoller).runDue())
      polled.push(...some);
    return polled;
  };
  const upload = (body: Uint8Array) =>
    desk.request('POST', '/v1/instruments/imports?broker=zerodha', {
      token: operator,
      body,
      headers: { 'content-type': 'application/gzip' },
    });

  const deadlines = HOSTILE.filter(({ refusal }) => refusal !== null && 'thread' in refusal);
  const limits = HOSTILE.filter((document) => !deadlines.includes(document));

  it.each([
    ['beyond a limit', limits],
    ['that takes its reader longer than the deadline', deadlines],
  ])(
    'a hostile feed document %s does not slow the dashboards of others, and each source is refused',
    async (_what, documents) => {
      for (const [at, { kind, make }] of documents.entries()) await addFeed(`hostile-${at}`, kind, make());
      const { breaches, given } = await measure(poll);
      await desk.get(Database).run('DELETE FROM feed_sources');
      const errors = new Map(given.flat().map(({ source, result }) => [source.name, result.error]));
      for (const [at, { name, refusal }] of documents.entries()) {
        const found = { name, error: errors.get(`hostile-${at}`) };
        if (refusal === null) continue;
        const reason = 'limit' in refusal ? `or more ${refusal.limit}. At most` : 'did not end within 5000 ms';
        expect(found).toEqual({ name, error: expect.stringContaining(reason) });
      }
      expect(breaches).toEqual([]);
      const { body } = await desk.request<string>('GET', '/metrics');
      expect(body).toMatch(/feeds_refused_documents_total\{code="FEEDS_DOCUMENT_LIMIT"\} [1-9]/);
    },
    600_000,
  );

  it('a hostile feed document that is read on the event loop slows the dashboards of others (negative control)', async () => {
    // New at each poll: a document that has not changed is not read again.
    let version = 0;
    const quadratic = () =>
      `<rss><channel><title>${version++}</title><description><![CDATA[${'<!--'.repeat(6_000)}]]></description><item><title>A</title></item></channel></rss>`;
    await addFeed('quadratic', 'rss', '');
    server.on('/quadratic', (_request, response) => void response.writeHead(200).end(quadratic()));
    const threads = desk.get(Threads);
    const { run } = threads;
    threads.run = (async (task: { module: string }, input: unknown) =>
      ((await import(task.module)) as { default: (input: unknown) => unknown }).default(input)) as never;
    try {
      const { breaches } = await measureOnce(poll, ...BLOCKED);
      expect(breaches).not.toEqual([]);
    } finally {
      threads.run = run;
      await desk.get(Database).run('DELETE FROM feed_sources');
    }
  }, 600_000);

  it('a hostile filing does not slow the dashboards of others', async () => {
    const head = `ACCESSION NUMBER: ${ACCESSION}\nCONFORMED SUBMISSION TYPE: 8-K\n`;
    const blanks = `${head}COMPANY CONFORMED NAME: A${' '.repeat(MB)}B\n<DOCUMENT>\n<TYPE>8-K\n<TEXT>text${'<p>'.repeat(MB / 2)}</TEXT>\n`;
    server.on(`/archive/1/${ACCESSION.replaceAll('-', '')}/${ACCESSION}.txt`, blanks);
    const { breaches, given } = await measure(() =>
      desk.get(FilingDocuments).read({ accession: ACCESSION, filers: [{ cik: CIK, name: 'A', role: null } as never] }),
    );
    expect(breaches).toEqual([]);
    expect(given[0]).toMatchObject({ header: { accession: ACCESSION, form: '8-K' }, text: 'text' });
  }, 600_000);

  it.each<[string, () => Uint8Array, number, string | undefined]>([
    ['newlines in gzip', () => gzipSync(Buffer.alloc(200 * MB, '\n')), 413, 'INSTRUMENTS_FILE_LIMIT'],
    [
      'one short line in gzip',
      () => gzipSync(`${KITE_HEADER}\n${'x\n'.repeat(9 * MB)}`),
      413,
      'INSTRUMENTS_FILE_LIMIT',
    ],
    [
      '100,000 columns',
      () => gzipSync(Array.from({ length: 100_000 }, (_, at) => `c${at}`).join()),
      413,
      'INSTRUMENTS_FILE_LINE_TOO_LONG',
    ],
    [
      'broken quotes',
      () => gzipSync(`${KITE_HEADER}\n${'a"b,"c"d\n'.repeat(MB)}`, { level: 1 }),
      422,
      'INSTRUMENTS_FILE_NO_ROWS',
    ],
  ])(
    'a hostile master of %s does not slow the dashboards of others',
    async (_what, make, status, code) => {
      const body = make();
      const { breaches, given } = await measure(() => upload(body));
      expect(given[0]).toMatchObject({ status, body: { code } });
      expect(breaches).toEqual([]);
    },
    600_000,
  );

  it('a hostile master that is read in one piece slows the dashboards of others (negative control)', async () => {
    const { give } = Turns.prototype;
    const rows = Buffer.from(`${KITE_HEADER}\n${'a"b,"c"d\n'.repeat(MB)}`);
    async function* whole(): AsyncGenerator<Buffer> {
      yield rows;
    }
    const importWhole = () =>
      desk
        .get(InstrumentImporter)
        .import(whole(), { broker: 'zerodha', source: 'made' })
        .catch((error: { code: string }) => error.code);
    const inTurns = await measureOnce(importWhole);
    Turns.prototype.give = () => Promise.resolve();
    try {
      const { breaches, given, longest } = await measureOnce(importWhole, ...BLOCKED);
      expect(given[0]).toBe('INSTRUMENTS_FILE_NO_ROWS');
      expect(breaches).not.toEqual([]);
      expect(longest).toBeGreaterThan(3 * inTurns.longest);
    } finally {
      Turns.prototype.give = give;
    }
  }, 600_000);
});
