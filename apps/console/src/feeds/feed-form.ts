import type { Feed } from './feed-words.js';

/** A feed as a form has it: texts, so that nothing a person types is lost. */
export interface FeedForm {
  name: string;
  kind: string;
  url: string;
  venue: string;
  timeZone: string;
  cadence: string;
  expectedEvery: string;
  emptyLimit: string;
  alertOnFirst: string;
  requestsPerSecond: string;
  headers: string;
  settings: string;
}

/** A kind that the API has and this list lacks does not compile. */
const KINDS: Record<Feed['kind'], true> = {
  ...{ rss: true, atom: true, 'json-feed': true, edgar: true, 'quotes-csv': true, 'quotes-json': true },
};
export const FEED_KINDS = Object.keys(KINDS);

export const EMPTY_FEED: FeedForm = {
  ...{ name: '', kind: 'rss', url: '', venue: '', timeZone: '', cadence: '60', expectedEvery: '', emptyLimit: '' },
  ...{ alertOnFirst: '0', requestsPerSecond: '2', headers: '', settings: '' },
};

type Editable = Pick<
  Feed,
  | ('name' | 'kind' | 'url' | 'venue' | 'timeZone' | 'cadenceMs' | 'expectedEveryMs' | 'emptyLimit' | 'alertOnFirst')
  | ('requestsPerSecond' | 'headers' | 'settings')
>;

export function formOfFeed(feed: Editable): FeedForm {
  const { name, kind, url, venue, timeZone, alertOnFirst, requestsPerSecond, emptyLimit } = feed;
  return {
    ...{ name, kind, url, venue: venue ?? '', timeZone: timeZone ?? '', alertOnFirst: String(alertOnFirst) },
    cadence: String(feed.cadenceMs / 1_000),
    expectedEvery: feed.expectedEveryMs === null ? '' : String(feed.expectedEveryMs / 60_000),
    emptyLimit: emptyLimit === null ? '' : String(emptyLimit),
    requestsPerSecond: String(requestsPerSecond),
    headers: Object.entries(feed.headers)
      .map(([header, value]) => `${header}: ${value}`)
      .join('\n'),
    settings: Object.keys(feed.settings).length === 0 ? '' : JSON.stringify(feed.settings, null, 2),
  };
}

/** The body of a request, or what is wrong with each field, in words. */
export type ReadForm = { body: Record<string, unknown> } | { issues: Partial<Record<keyof FeedForm, string>> };

/** Reads a form. `was` is the form before a change: only fields that differ are sent, so that hidden credentials stay. */
export function readFeedForm(form: FeedForm, was?: FeedForm): ReadForm {
  const issues: Partial<Record<keyof FeedForm, string>> = {};
  const number = (field: keyof FeedForm, factor = 1): number | null => {
    const text = form[field].trim();
    if (text === '') return null;
    const read = Number(text) * factor;
    if (!Number.isFinite(read)) issues[field] = 'Write a number.';
    return factor === 1 ? read : Math.round(read);
  };
  if (form.name.trim() === '') issues.name = 'Name the feed.';
  if (!/^https?:\/\/./.test(form.url.trim())) issues.url = 'Write an address that begins with https:// or http://.';
  if (form.cadence.trim() === '') issues.cadence = 'Write the seconds between two cycles.';
  const values: Record<keyof FeedForm, [string, unknown]> = {
    name: ['name', form.name.trim()],
    kind: ['kind', form.kind],
    url: ['url', form.url.trim()],
    venue: ['venue', form.venue.trim() || null],
    timeZone: ['timeZone', form.timeZone.trim() || null],
    cadence: ['cadenceMs', number('cadence', 1_000)],
    expectedEvery: ['expectedEveryMs', number('expectedEvery', 60_000)],
    emptyLimit: ['emptyLimit', number('emptyLimit')],
    alertOnFirst: ['alertOnFirst', number('alertOnFirst') ?? 0],
    requestsPerSecond: ['requestsPerSecond', number('requestsPerSecond') ?? 2],
    headers: ['headers', headersOf(form.headers, issues)],
    settings: ['settings', settingsOf(form.settings, issues)],
  };
  if (Object.keys(issues).length > 0) return { issues };
  const fields = Object.keys(values) as (keyof FeedForm)[];
  const sent = fields.filter((field) =>
    was === undefined ? form[field] !== '' : field !== 'kind' && form[field] !== was[field],
  );
  return { body: Object.fromEntries(sent.map((field) => values[field])) };
}

function headersOf(text: string, issues: Partial<Record<keyof FeedForm, string>>): Record<string, string> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const headers = lines.map((line) => /^\s*([A-Za-z0-9-]+)\s*:\s*(.*\S)\s*$/.exec(line));
  if (headers.includes(null)) issues.headers = 'Write one header a line, such as Authorization: secret:NAME.';
  return Object.fromEntries(headers.flatMap((found) => (found ? [[found[1]!, found[2]!]] : [])));
}

function settingsOf(text: string, issues: Partial<Record<keyof FeedForm, string>>): unknown {
  if (text.trim() === '') return {};
  try {
    return JSON.parse(text);
  } catch (error) {
    issues.settings = `This is no JSON: ${(error as Error).message}`;
    return {};
  }
}
