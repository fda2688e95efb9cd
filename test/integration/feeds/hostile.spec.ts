import { Database } from '#database';
import { Egress } from '#egress';
import { FeedPoller, FeedsModule, FeedsService } from '#feeds';
import { HOSTILE } from '../../../libs/feeds/formats/hostile-documents.fixture.js';
import { testModule, type TestModule } from '../../setup/test-module.js';
import { type FeedServer, startFeedServer } from './feed-server.fixture.js';
import { made, rss } from './rss.fixture.js';

const named = (name: string) => HOSTILE.find((document) => document.name === name)!;

describe('a source with a hostile document', () => {
  let server: FeedServer;
  let module: TestModule;
  let rows: <T = any>(sql: string, params?: unknown[]) => Promise<T[]>;

  beforeAll(async () => {
    server = await startFeedServer();
    module = await testModule([FeedsModule], { env: { DESKWIRE_ROLE: 'web' } });
    module.get(Egress).allow(server.host);
    rows = (sql, params) => module.get(Database).rows(sql, params) as never;
  });
  beforeEach(() => rows('DELETE FROM feed_sources'));
  afterAll(async () => {
    await module.close();
    await server.close();
  });

  const add = (name: string, document: string) => {
    server.on(`/${name}`, document);
    const url = `${server.origin}/${name}`;
    return module.get(FeedsService).create({ name, kind: 'rss', url, requestsPerSecond: 1_000, cadenceMs: 60_000 });
  };
  const visit = async () => {
    await rows('UPDATE feed_sources SET next_run_at = now()');
    const done = await module.get(FeedPoller).runDue();
    return Object.fromEntries(done.map(({ source, result }) => [source.name, result]));
  };

  it('a source with a hostile document fails with the limit, pauses longer each time, and delays no other source', async () => {
    await add('deep', named('820 KiB of nested elements').make());
    await add('wide', named('160,000 attributes').make());
    await add('good', rss(made(3)));
    const first = await visit();
    expect(first['good']).toMatchObject({ outcome: 'fresh', fresh: 3 });
    expect(first['deep']).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/^The document has \d{3,4} or more levels\. At most 256 are read\.$/),
    });
    expect(first['wide']).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(
        /^The document has \d{3,4} or more attributes of an element\. At most 256 are read\.$/,
      ),
    });
    await visit();
    const [deep] = await rows<{ failures: number; last_error: string; pause: number }>(
      `SELECT consecutive_failures AS failures, last_error, extract(epoch FROM next_run_at - now())::float8 AS pause
       FROM feed_sources WHERE name = 'deep'`,
    );
    expect(deep).toMatchObject({ failures: 2, last_error: expect.stringContaining('levels') });
    expect(deep!.pause).toBeGreaterThan(60);
  });

  it('a document that exceeds the deadline of its thread fails, and the next document is read', async () => {
    await add('endless', named('1 MiB of comments in a description that never end').make());
    expect((await visit())['endless']).toMatchObject({
      outcome: 'failed',
      error: 'The document cannot be read: feeds-document did not end within 5000 ms, its time limit.',
    });
    server.on('/endless', rss(made(2)));
    expect((await visit())['endless']).toMatchObject({ outcome: 'fresh', fresh: 2 });
  });
});
