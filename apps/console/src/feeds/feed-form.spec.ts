import { EMPTY_FEED, type FeedForm, formOfFeed, readFeedForm } from './feed-form.js';

const form: FeedForm = { ...EMPTY_FEED, name: ' News ', url: 'https://news.example/rss' };
const feed = {
  kind: 'rss' as const,
  ...{ name: 'News', url: 'https://news.example/rss', venue: null, timeZone: null, cadenceMs: 60_000 },
  ...{ expectedEveryMs: 5_400_000, emptyLimit: 0, alertOnFirst: 0, requestsPerSecond: 2 },
  ...{ headers: { Authorization: '[secret]' }, settings: {} },
} satisfies Parameters<typeof formOfFeed>[0];

describe('the form of a feed', () => {
  it('a new feed sends the fields that are filled in, in the units of the API', () => {
    expect(
      readFeedForm({ ...form, expectedEvery: '90', headers: 'X-Key: secret:NEWS\n', settings: '{"pages":2}' }),
    ).toEqual({
      body: {
        ...{
          name: 'News',
          kind: 'rss',
          url: 'https://news.example/rss',
          cadenceMs: 60_000,
          expectedEveryMs: 5_400_000,
        },
        ...{ alertOnFirst: 0, requestsPerSecond: 2, headers: { 'X-Key': 'secret:NEWS' }, settings: { pages: 2 } },
      },
    });
  });

  it('a change sends only what differs, so a credential that is not shown is not overwritten', () => {
    const was = formOfFeed(feed);
    expect(readFeedForm({ ...was, cadence: '5', emptyLimit: '' }, was)).toEqual({
      body: { cadenceMs: 5_000, emptyLimit: null },
    });
    expect(readFeedForm(was, was)).toEqual({ body: {} });
  });

  it('each wrong field is named with what to write', () => {
    const wrong = { ...form, name: '', url: 'news.example', cadence: 'often', headers: 'no colon', settings: '{' };
    expect(Object.keys((readFeedForm(wrong) as { issues: object }).issues).sort()).toEqual([
      'cadence',
      'headers',
      'name',
      'settings',
      'url',
    ]);
  });
});
