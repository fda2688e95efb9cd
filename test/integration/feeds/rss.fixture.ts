export interface MadeItem {
  guid?: string;
  title: string;
  link?: string;
  text?: string;
}

/** Makes an RSS document. */
export function rss(items: readonly MadeItem[]): string {
  const written = items.map(
    ({ guid, title, link = `https://wire.example/${guid ?? title}`, text = `Text of ${title}` }) =>
      `<item>${guid === undefined ? '' : `<guid isPermaLink="false">${guid}</guid>`}<title>${title}</title><link>${link}</link><description>${text}</description><pubDate>Mon, 02 Nov 2026 15:04:05 GMT</pubDate></item>`,
  );
  return `<?xml version="1.0"?><rss version="2.0"><channel><title>Made wire</title>${written.join('')}</channel></rss>`;
}

/** Makes `count` items, `made-1` and so on. */
export const made = (count: number): MadeItem[] =>
  Array.from({ length: count }, (_, index) => ({ guid: `made-${index + 1}`, title: `Item ${index + 1}` }));
