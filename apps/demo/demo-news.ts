import type { SeededRandom } from './seeded-random.js';

/** One item of the demo newswire about a fictitious company. */
export interface DemoItem {
  guid: string;
  title: string;
  summary: string;
  company: string;
  publishedAt: Date;
}

const COMPANIES = [
  'Demo Amber Mills',
  'Demo Basalt Power',
  'Demo Cedar Bank',
  'Demo Dune Logistics',
  'Demo Ember Steel',
  'Demo Fjord Foods',
] as const;

/** The texts of the newswire. The demo's alert rule matches `halted`. */
const STORIES = [
  { says: 'opens a second plant', more: 'Capacity grows by a third from next quarter.' },
  { says: 'trading halted pending news', more: 'The exchange requests a statement before trading resumes.' },
  { says: 'reports a quiet quarter', more: 'Revenue is flat, the outlook unchanged.' },
  { says: 'names a new chief engineer', more: 'The post had been open since spring.' },
] as const;

/** The `number`th item of the newswire. The second of every four is a trading halt, which raises an alert. */
export function demoItem(number: number, random: SeededRandom, publishedAt: Date): DemoItem {
  const { says, more } = STORIES[number % STORIES.length]!;
  const company = random.pick(COMPANIES);
  return {
    guid: `demo-news-${publishedAt.getTime()}-${number}`,
    title: `${company} ${says}`,
    summary: more,
    company,
    publishedAt,
  };
}

/** The items as RSS 2.0, newest first. */
export function demoRss(items: readonly DemoItem[], link: string): string {
  const entries = items.map(
    ({ guid, title, summary, company, publishedAt }) => `    <item>
      <title>${title}</title>
      <link>${link}#${guid}</link>
      <guid isPermaLink="false">${guid}</guid>
      <category>${company}</category>
      <description>${summary}</description>
      <pubDate>${publishedAt.toUTCString()}</pubDate>
    </item>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0">
  <channel>
    <title>Demo newswire (made data)</title>
    <link>${link}</link>
    <description>Made headlines about made companies.</description>
${entries.join('\n')}
  </channel>
</rss>
`;
}
