import { join } from 'node:path';
import { Database } from '#database';
import { FeedsModule, FeedsService, recordedPolls, type ReplayedPoll } from '#feeds';
import { FeedReplay } from '../../../libs/feeds/replay/feed-replay.js';
import { edgarItems } from '../../../libs/feeds/formats/edgar-entries.js';
import { edgarPage } from '../../../libs/feeds/formats/edgar-page.js';
import { xmlEntries } from '../../../libs/feeds/formats/xml-entries.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { describeWithRecordings, recordedSec } from './recorded.fixture.js';

const STYLE = { timeZone: 'America/New_York', dateOrder: undefined, now: new Date('2025-12-13T00:00:00Z') };

describeWithRecordings('two crawls of EDGAR, replayed as polls', () => {
  let module: TestModule;
  let rows: <T>(sql: string, params?: unknown[]) => Promise<T[]>;
  let first: ReplayedPoll;
  let second: ReplayedPoll;

  beforeAll(async () => {
    module = await testModule([FeedsModule]);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
    const source = await module
      .get(FeedsService)
      .forReplay({ name: 'EDGAR', kind: 'edgar', url: 'https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent' });
    const replay = async (name: string) => {
      const [poll] = await recordedPolls(join(recordedSec!, name));
      return module.get(FeedReplay).replay(source.id, poll!);
    };
    first = await replay('getcurrent_2025-12-12_poll1.tar.gz');
    second = await replay('getcurrent_2025-12-12_poll2.tar.gz');
  });
  afterAll(() => module.close());

  it('two crawls of EDGAR give one filing per accession number, also of several entries', async () => {
    expect(first).toMatchObject({
      outcome: 'fresh',
      pages: 51,
      entries: 3_613,
      fresh: 3_309,
      unreadable: 0,
      error: null,
    });
    const [{ filings, filers, most }] = (await rows(
      'SELECT count(*)::int AS filings, sum(jsonb_array_length(filers))::int AS filers, max(jsonb_array_length(filers)) AS most FROM filings',
    )) as any;
    expect(filings).toBe(3_314);
    expect(filers).toBeGreaterThan(3_400);
    expect(most).toBeGreaterThanOrEqual(16);
  });

  it('a crawl of EDGAR gives the same result in the fast reader and in the tolerant parser', async () => {
    for (const name of ['getcurrent_2025-12-12_poll1.tar.gz', 'getcurrent_2025-12-12_poll2.tar.gz']) {
      const [poll] = await recordedPolls(join(recordedSec!, name));
      for (const page of poll!.pages) {
        const text = page.toString('latin1');
        const quick = edgarPage(text);
        expect(quick).toBeDefined();
        expect(edgarItems(quick!, STYLE)).toEqual(edgarItems((await xmlEntries(text)).entries, STYLE));
        expect(edgarPage(text.slice(0, -10))).toBeUndefined();
      }
    }
  });

  it('the second crawl of EDGAR finds exactly its five new accession numbers', async () => {
    expect(second).toMatchObject({ outcome: 'fresh', pages: 51, entries: 3_611, fresh: 5, unreadable: 0 });
    const events = await rows<{ accession: string }>(
      `SELECT payload->>'accession' AS accession FROM trading_events WHERE type LIKE 'Filing%' ORDER BY id DESC LIMIT 5`,
    );
    expect(events.map(({ accession }) => accession).sort()).toEqual([
      '0001572985-25-000003',
      '0001700537-25-000015',
      '0001700538-25-000015',
      '0001702455-25-000007',
      '0002063236-25-000004',
    ]);
  });

  it('a crawl of EDGAR records one event per filing', async () => {
    const [{ events, distinct }] = (await rows(
      `SELECT count(*)::int AS events, count(DISTINCT payload->>'accession')::int AS distinct FROM trading_events WHERE type IN ('FilingPublished', 'FilingAmended')`,
    )) as any;
    expect({ events, distinct }).toEqual({ events: 3_314, distinct: 3_314 });
    const [{ orphans }] = (await rows(
      `SELECT count(*)::int AS orphans FROM filings f WHERE NOT EXISTS (SELECT FROM trading_events e WHERE e.id = f.event_id AND e.payload->>'accession' = f.accession)`,
    )) as any;
    expect(orphans).toBe(0);
  });

  it('distinguishes amendments, and links the one whose original is in the crawl', async () => {
    const amended = await rows<{ company: string; amendment: string; amends: string | null }>(
      `SELECT payload->>'company' AS company, payload->>'amendment' AS amendment, payload->>'amends' AS amends FROM trading_events WHERE type = 'FilingAmended' AND payload->>'form' = '8-K/A'`,
    );
    expect(amended).toHaveLength(6);
    const linked = amended.filter(({ amendment }) => amendment === 'linked');
    expect(linked.map(({ company }) => company.toUpperCase()).join()).toMatch(/PROPHASE/);
    for (const { amends } of linked) {
      expect(await rows('SELECT FROM filings WHERE accession = $1 AND form = $2', [amends, '8-K'])).toHaveLength(1);
    }
  });

  it('a repeated crawl of EDGAR records nothing new', async () => {
    const [poll] = await recordedPolls(join(recordedSec!, 'getcurrent_2025-12-12_poll2.tar.gz'));
    const [source] = await rows<{ id: string }>('SELECT id FROM feed_sources');
    const again = await module.get(FeedReplay).replay(source!.id, poll!);
    expect(again).toMatchObject({ outcome: 'empty', fresh: 0, revised: 0, seen: 3_310 });
  });

  it.each(['rate_exceeded.html', 'past_end_of_paging.html'])(
    'treats %s as a failure and not as an empty poll',
    async (page) => {
      const [poll] = await recordedPolls(join(recordedSec!, 'error_pages', page));
      const [before] = await rows<{ id: string; consecutive_empty: number }>(
        'SELECT id, consecutive_empty FROM feed_sources',
      );
      const result = await module.get(FeedReplay).replay(before!.id, poll!);
      const [after] = await rows<{
        consecutive_empty: number;
        consecutive_failures: number;
        pause: number;
        last_error: string;
      }>(
        'SELECT consecutive_empty, consecutive_failures, extract(epoch FROM next_run_at - last_cycle_at)::int AS pause, last_error FROM feed_sources',
      );
      expect(result).toMatchObject({ outcome: 'failed', fresh: 0 });
      expect(after!.consecutive_empty).toBe(before!.consecutive_empty);
      expect(after!.consecutive_failures).toBeGreaterThan(0);
      expect(after!.last_error).toMatch(
        page === 'rate_exceeded.html' ? /Rate Threshold Exceeded.*600 s/ : /File Unavailable/,
      );
      expect(after!.pause).toBeGreaterThanOrEqual(page === 'rate_exceeded.html' ? 600 : 90);
    },
  );
});
