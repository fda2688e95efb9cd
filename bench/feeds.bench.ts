// Measures one crawl of EDGAR through the whole path: decodes and parses 51 pages, claims, registers and records the
// filings, and matches 1,000 rules against each, in one transaction. Then repeats the crawl with only known items.
// Compares it, in the same run and tables, with a simple loop that parses, then runs SELECT and INSERT for each item.
// Uses the recorded crawl of DESKWIRE_DATA_DIR or a generated one of its size.
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import FeedParser from 'feedparser';
import pg from 'pg';
import { FeedReplay, FeedsService, recordedPolls } from '#feeds';
import type { RecordedPoll } from '../libs/feeds/replay/recorded-polls.js';
import type * as DeskFixture from './desk.fixture.js';

// Node runs this file as it is, so the path has the extension of the source.
const { startDesk } = (await import(new URL('./desk.fixture.ts', import.meta.url).href)) as typeof DeskFixture;

const ROUNDS = 3;
const RULES = 1_000;
/** The loop commits each item to disk, so a part of the crawl is measured and scaled up. */
const LOOP_PAGES = 10;
const HEAP_CYCLES = Number(process.env['BENCH_FEED_CYCLES'] ?? 2_000);

const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const say = (what: string, ratio: number, floor: number, numbers: object) =>
  console.log(
    JSON.stringify({ bench: 'feeds', what, ratio: Number(ratio.toFixed(2)), floor, pass: ratio >= floor, ...numbers }),
  );

/** Entries of the recorded shape: 3,600 on pages of 100, some with several filers. */
function madeCrawl(): RecordedPoll {
  const entry = (index: number) => {
    const filing = Math.floor(index * 0.92);
    return `<entry>\n<title>${filing % 9 === 0 ? '8-K' : '4'} - COMPANY ${index} INC. (${String(1_000_000 + index)}) (${filing % 9 === 0 ? 'Filer' : 'Issuer'})</title>\n<link rel="alternate" type="text/html" href="https://www.sec.gov/Archives/edgar/data/${index}/x-index.htm"/>\n<summary type="html">\n &lt;b&gt;Filed:&lt;/b&gt; 2025-12-12 &lt;b&gt;AccNo:&lt;/b&gt; 0001700545-25-${String(filing).padStart(6, '0')} &lt;b&gt;Size:&lt;/b&gt; 13 KB\n</summary>\n<updated>2025-12-12T18:02:10-05:00</updated>\n<category scheme="https://www.sec.gov/" label="form type" term="${filing % 9 === 0 ? '8-K' : '4'}"/>\n<id>urn:tag:sec.gov,2008:accession-number=0001700545-25-${String(filing).padStart(6, '0')}</id>\n</entry>`;
  };
  const page = (from: number) =>
    Buffer.from(
      `<?xml version="1.0" encoding="ISO-8859-1" ?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n<title>Latest Filings</title>\n${Array.from({ length: 100 }, (_, index) => entry(from + index)).join('\n')}\n</feed>`,
    );
  return { name: 'made', pages: Array.from({ length: 36 }, (_, index) => page(index * 100)) };
}

async function entriesOf(
  page: Buffer,
): Promise<{ guid: string; title: string; link: string; summary: string; date: Date }[]> {
  const parser = new FeedParser({ addmeta: false });
  const items: any[] = [];
  parser.on('readable', () => {
    for (let item = parser.read(); item; item = parser.read()) items.push(item);
  });
  const ended = new Promise((resolve, reject) => parser.on('end', resolve).on('error', reject));
  parser.end(page.toString('latin1'));
  await ended;
  return items;
}

async function main(): Promise<void> {
  const folder = process.env['DESKWIRE_DATA_DIR'];
  const recorded = folder && join(folder, 'sec/getcurrent_2025-12-12_poll1.tar.gz');
  const poll = recorded && existsSync(recorded) ? (await recordedPolls(recorded))[0]! : madeCrawl();
  const app = await startDesk();
  const client = new pg.Client({ connectionString: process.env['DATABASE_URL'] });
  await client.connect();
  await client.query(
    `INSERT INTO alert_rules (name, severity, condition)
     SELECT 'rule ' || n, 'info', CASE n % 4
       WHEN 0 THEN jsonb_build_object('all', jsonb_build_array(jsonb_build_object('field', 'payload.form', 'op', 'equals', 'value', '8-K'), jsonb_build_object('field', 'payload.company', 'op', 'contains', 'value', 'company nobody ' || n)))
       WHEN 1 THEN jsonb_build_object('field', 'payload.ciks', 'op', 'contains', 'value', '99999' || n)
       WHEN 2 THEN jsonb_build_object('all', jsonb_build_array(jsonb_build_object('field', 'type', 'op', 'equals', 'value', 'FilingAmended'), jsonb_build_object('field', 'payload.company', 'op', 'startsWith', 'value', 'Zzz' || n)))
       ELSE jsonb_build_object('field', 'payload.company', 'op', 'contains', 'value', 'holdings ' || n) END
     FROM generate_series(1, ${RULES}) n`,
  );
  const source = await app
    .get(FeedsService, { strict: false })
    .forReplay({ name: 'bench', kind: 'edgar', url: 'https://www.sec.gov/cgi-bin/browse-edgar?action=getcurrent' });
  const replay = app.get(FeedReplay, { strict: false });
  const clear = () =>
    client.query('TRUNCATE feed_seen_items, feed_cycles, filings, trading_events, change_feed, event_inbox CASCADE');

  const timed = async (work: () => Promise<unknown>) => {
    const from = performance.now();
    await work();
    return (performance.now() - from) / 1_000;
  };
  const first = async () => {
    const result = await replay.replay(source.id, poll);
    if (result.outcome !== 'fresh') throw new Error(`the first poll came to ${result.outcome}: ${result.error}`);
    return result;
  };
  const again = async () => {
    const result = await replay.replay(source.id, poll);
    if (result.outcome !== 'empty') throw new Error(`the second poll came to ${result.outcome}: ${result.error}`);
  };
  await client.query(`CREATE TABLE loop_seen (guid text PRIMARY KEY)`);
  const sample = poll.pages.slice(0, LOOP_PAGES);
  const loop = async () => {
    for (const page of sample) {
      for (const item of await entriesOf(page)) {
        const known = await client.query('SELECT FROM loop_seen WHERE guid = $1', [item.guid]);
        if (known.rowCount! > 0) continue;
        await client.query('INSERT INTO loop_seen (guid) VALUES ($1) ON CONFLICT DO NOTHING', [item.guid]);
        await client.query(
          `INSERT INTO trading_events (id, type, version, payload, occurred_at) VALUES ($1, 'NewsPublished', 1, $2, now())`,
          [
            randomUUID().replace(/^(.{14})./, '$17'),
            JSON.stringify({ title: item.title, link: item.link, summary: item.summary }),
          ],
        );
      }
    }
  };

  const seconds: Record<'first' | 'again' | 'loop' | 'loopAgain' | 'parse', number[]> = {
    first: [],
    again: [],
    loop: [],
    loopAgain: [],
    parse: [],
  };
  const { entries, fresh } = await first();
  for (let round = 0; round < ROUNDS; round++) {
    await clear();
    seconds.first.push(await timed(first));
    seconds.again.push(await timed(again));
    await clear();
    await client.query('TRUNCATE loop_seen');
    seconds.loop.push((await timed(loop)) * (poll.pages.length / sample.length));
    seconds.loopAgain.push((await timed(loop)) * (poll.pages.length / sample.length));
    seconds.parse.push(
      await timed(async () => {
        for (const page of poll.pages) await entriesOf(page);
      }),
    );
  }
  const took = Object.fromEntries(
    Object.entries(seconds).map(([name, values]) => [name, Number(median(values).toFixed(3))]),
  ) as Record<keyof typeof seconds, number>;
  const shape = { entries, filings: fresh, rules: RULES };
  say(`a crawl of ${entries} entries in 2 s, ${RULES} rules matched`, 2 / took.first, 1, {
    ...shape,
    seconds: took.first,
    entriesPerSecond: Math.round(entries / took.first),
    ofItParsing: took.parse,
  });
  say('the same crawl again in 0.5 s', 0.5 / took.again, 1, { seconds: took.again, ofItParsing: took.parse });
  say('against SELECT then INSERT an item (no filings, no rules)', took.loop / took.first, 3, {
    seconds: took.first,
    loopSeconds: took.loop,
  });
  say('all seen, against the loop', took.loopAgain / took.again, 2, {
    seconds: took.again,
    loopSeconds: took.loopAgain,
  });

  // A process keeps nothing of its cycles. Compares the heap after a collection between the first and the last tenth.
  const { setFlagsFromString } = await import('node:v8');
  const { runInNewContext } = await import('node:vm');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const small = await app
    .get(FeedsService, { strict: false })
    .forReplay({ name: 'small', kind: 'rss', url: 'https://wire.example/rss' });
  const document = (cycle: number) => {
    const items = Array.from(
      { length: 20 },
      (_, index) => `<item><guid>${cycle + index}</guid><title>Item ${cycle + index}</title></item>`,
    );
    return { name: 'small', pages: [Buffer.from(`<rss version="2.0"><channel>${items.join('')}</channel></rss>`)] };
  };
  const heap: number[] = [];
  const began = performance.now();
  for (let cycle = 0; cycle <= HEAP_CYCLES; cycle++) {
    await replay.replay(small.id, document(cycle));
    if (cycle % (HEAP_CYCLES / 10) !== 0) continue;
    collect();
    heap.push(Number((process.memoryUsage().heapUsed / 1024 / 1024).toFixed(1)));
  }
  const growth = heap.at(-1)! - heap[1]!;
  say(`heap over ${HEAP_CYCLES} cycles: at most 5 MB more at the end`, 5 / Math.max(growth, 0.5), 1, {
    heapMb: heap,
    cyclesPerSecond: Math.round(HEAP_CYCLES / ((performance.now() - began) / 1_000)),
  });

  await client.end();
  await app.close();
}

await main();
