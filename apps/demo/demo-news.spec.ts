import { demoItem, demoRss } from './demo-news.js';
import { SeededRandom } from './seeded-random.js';

const AT = new Date('2026-08-17T03:45:00Z');
const items = (count: number) =>
  Array.from({ length: count }, (_, number) => demoItem(number, new SeededRandom(number), AT));

describe('the demo newswire', () => {
  it('the demo newswire reports a trading halt in one of four items, about fictitious companies only', () => {
    const titles = items(12).map(({ title }) => title);
    expect(titles.filter((title) => title.includes('halted'))).toHaveLength(3);
    for (const title of titles) expect(title).toMatch(/^Demo /);
  });

  it('the demo newswire gives every item a unique guid, also across restarts', () => {
    const later = demoItem(0, new SeededRandom(0), new Date(AT.getTime() + 1));
    expect(new Set([...items(8), later].map(({ guid }) => guid)).size).toBe(9);
  });

  it('the demo newswire is RSS 2.0 that is labelled as generated', () => {
    const rss = demoRss(items(2), 'http://127.0.0.1:1/news.xml');
    expect(rss.match(/<item>/g)).toHaveLength(2);
    expect(rss).toContain('made data');
    expect(rss).toContain('<pubDate>Mon, 17 Aug 2026 03:45:00 GMT</pubDate>');
  });
});
