import { errorPageOf } from './error-page.js';
import { parseFeed } from './parse-feed.js';

const page = (title: string, body = '') =>
  `<!DOCTYPE html>\n<html lang="en"><head><title>${title}</title></head><body>${body}</body></html>`;

describe('a web page in place of a feed', () => {
  it.each([
    [
      page('SEC.gov | Request Rate Threshold Exceeded', 'limited for 10 minutes'),
      { kind: 'rate-exceeded', retryAfterMs: 600_000 },
    ],
    [page('SEC.gov | File Unavailable'), { kind: 'unavailable' }],
    [page('Hello'), { kind: 'web-page', title: 'Hello' }],
    [`<?xml version="1.0"?>${page('XHTML')}`, { kind: 'web-page' }],
    ['<html><body>no title</body></html>', { kind: 'web-page', title: 'no title' }],
  ])('an error page is recognised by its text', (text, expected) => expect(errorPageOf(text)).toMatchObject(expected));

  it.each([
    '<rss><channel><title>html</title></channel></rss>',
    '<feed xmlns="http://www.w3.org/2005/Atom"/>',
    '{"version":1}',
    '',
  ])('not an error page: %j', (text) => {
    expect(errorPageOf(text)).toBeUndefined();
  });

  it('an error page fails the cycle with a retry time and never counts as a feed without items', async () => {
    await expect(parseFeed('edgar', page('SEC.gov | Request Rate Threshold Exceeded'))).rejects.toMatchObject({
      refusal: { code: 'FEEDS_RATE_EXCEEDED', page: { retryAfterMs: 600_000 } },
    });
    await expect(parseFeed('rss', page('Sorry'))).rejects.toMatchObject({ code: 'FEEDS_ERROR_PAGE' });
  });
});
