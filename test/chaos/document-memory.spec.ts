import { threadTask } from '#threads';
import type readDocument from '../../libs/feeds/formats/read-document.js';
import { MAX_VALUES } from '../../libs/feeds/formats/document-limits.js';
import { ThreadPool } from '../../libs/threads/thread-pool.js';

/** Of `feeds.maxBytes`. */
const BYTES = 16 * 1024 * 1024;

/** As many units as fit into a document and into the limit of values, between `head` and `tail`. */
function filled(head: string, unit: (n: number) => string, tail: string, valuesEach: number): string {
  const parts = [head];
  let left = BYTES - head.length - tail.length;
  for (let n = 0; (n + 2) * valuesEach < MAX_VALUES; n++) {
    const part = (n === 0 ? '' : ',') + unit(n);
    if ((left -= Buffer.byteLength(part)) < 0) break;
    parts.push(part);
  }
  return [...parts, tail].join('');
}

const rss = (item: string) => `<rss><channel><title>t</title><item><title>A</title>${item}</item></channel></rss>`;
/** Documents within every limit that need most memory. */
const LARGEST: [name: string, kind: 'json-feed' | 'rss', make: () => string][] = [
  ['an object of 1.5 million names', 'json-feed', () => filled('{', (n) => `"k${n.toString(36)}":0`, '}', 1)],
  ['a list of 2 million texts', 'json-feed', () => filled('[', (n) => `"${n.toString(36)}"`, ']', 1)],
  ['a million objects with a name each', 'json-feed', () => filled('[', (n) => `{"${n.toString(36)}":0}`, ']', 2)],
  ['an XML text of references', 'rss', () => rss(`<description>${'x&lt;p&gt;'.repeat(1_600_000)}</description>`)],
];

describe('the largest documents that are allowed', () => {
  const pool = new ThreadPool(
    threadTask<typeof readDocument>({
      name: 'feeds-document',
      module: import.meta.resolve('../../libs/feeds/formats/read-document.js'),
      // The heap limit of the real task. Its deadline would end some of them earlier.
      ...{ deadlineMs: 300_000, heapMb: 256 },
    }),
    { maxThreads: 1, maxWaiting: 20, maxWaitingPerKey: 5, drainMs: 10_000 },
    { waiting: () => undefined, began: () => undefined, ended: () => undefined },
  );
  afterAll(() => pool.close());

  /** An allocation far above the heap limit would end this process: V8 knows no other way. */
  it.each(LARGEST)(
    '%s, the largest document that is allowed, is read within the heap limit of a thread',
    async (_name, kind, make) => {
      const body = new TextEncoder().encode(make());
      expect(body.length).toBeLessThanOrEqual(BYTES);
      const input = { kind, body, contentType: undefined, quotes: undefined, now: new Date(), known: null };
      const answer = (await pool.run(input, { key: 'a' })) as Awaited<ReturnType<typeof readDocument>>;
      expect('refused' in answer ? answer.refused.code : answer.items.length).toEqual(
        kind === 'rss' ? 1 : 'FEEDS_NOT_A_FEED',
      );
    },
  );
});
