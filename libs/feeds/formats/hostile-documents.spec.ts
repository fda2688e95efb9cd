import { HOSTILE, rssAround } from './hostile-documents.fixture.js';
import { MAX_ATTRIBUTES, MAX_DEPTH } from './document-limits.js';
import { plainText } from './plain-text.js';
import readDocument from './read-document.js';

const read = (kind: Parameters<typeof readDocument>[0]['kind'], text: string) =>
  readDocument({
    kind,
    body: Buffer.from(text),
    contentType: undefined,
    quotes: kind.startsWith('quotes') ? { broker: 'made' } : undefined,
    options: { url: 'https://wire.example/' },
    now: new Date(0),
    known: null,
  });
const refused = HOSTILE.filter(({ refusal }) => refusal !== null && 'limit' in refusal);
const harmless = HOSTILE.filter(({ refusal }) => refusal === null);

describe('a hostile document', () => {
  it.each(refused)(
    'a hostile document of $name is refused with the limit and the received number',
    async ({ kind, make, refusal }) => {
      const found = (await read(kind, make())) as {
        refused?: { code: string; limit: string; seen: number; allowed: number };
      };
      expect(found.refused).toMatchObject({
        code: 'FEEDS_DOCUMENT_LIMIT',
        limit: (refusal as { limit: string }).limit,
      });
      expect(found.refused!.seen).toBeGreaterThan(found.refused!.allowed);
      // Counting stopped at the limit instead of the end of the document.
      expect(found.refused!.seen).toBeLessThan(found.refused!.allowed * 30);
    },
  );

  it.each(harmless)(
    'a hostile document of $name is read in bounded time, with its good item',
    async ({ kind, make }) => {
      const found = await read(kind, make());
      if ('refused' in found) expect(found.refused).toMatchObject({ code: 'FEEDS_ERROR_PAGE' });
      else expect(found).toMatchObject({ entries: 1, items: [{ title: 'A' }] });
    },
  );
});

describe('a document at the limits', () => {
  it('a document at the limits is read: depth, attributes and a long quoted field', async () => {
    const deep = MAX_DEPTH - 4;
    const attributes = Array.from({ length: MAX_ATTRIBUTES }, (_, at) => `a${at}="1"`).join(' ');
    const text = rssAround(`${'<a>'.repeat(deep)}${'</a>'.repeat(deep)}<x ${attributes}/>`);
    expect(await read('rss', text)).toMatchObject({ items: [{ title: 'A' }] });
    const csv = `key,price,note\nA,1,"${'x\n'.repeat(30_000)}"\n`;
    expect(await read('quotes-csv', csv)).toMatchObject({ quotes: [{ key: 'A', price: '1' }] });
  });

  it('a document with unchanged bytes is not read again', async () => {
    const input = {
      kind: 'rss',
      body: Buffer.from(rssAround('')),
      contentType: undefined,
      quotes: undefined,
      now: new Date(0),
    } as const;
    const first = await readDocument({ ...input, known: null });
    expect(first).toMatchObject({ unchanged: false, entries: 1 });
    const known = (first as { digest: string }).digest;
    expect(await readDocument({ ...input, known })).toMatchObject({ unchanged: true, entries: 0, digest: known });
  });
});

describe('plain text', () => {
  it.each([
    ['a<script>no</script>b<style x>no</style >c', 'a b c'],
    ['a<!-- no <b> -->b', 'a b'],
    ['a<!-- never closed', 'a<!-- never closed'],
    ['a<script>never closed', 'a never closed'],
    ['</script>a<script>no</script>b<script>c', 'a b c'],
    ['1 < 2 <b>and</b> 3 > 2', '1 < 2 and 3 > 2'],
  ])('the plain text of %j is %j', (html, text) => expect(plainText(html, 500)).toBe(text));
});
