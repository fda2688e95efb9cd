import { browserOf } from './browser-words.js';

describe('the browser of a sign-in', () => {
  it.each([
    [
      'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36',
      'Chrome on Linux',
    ],
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Safari/604.1',
      'Safari on iOS',
    ],
    ['Mozilla/5.0 (Windows NT 10.0; Win64) Chrome/150.0.0.0 Safari/537.36 Edg/150.0', 'Edge on Windows'],
    ['Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0 Safari/537.36 OPR/120.0', 'Opera on Linux'],
    ['curl/8.5.0', 'curl'],
    [null, ''],
  ])('of %j it is %j', (userAgent, words) => {
    expect(browserOf(userAgent)).toBe(words);
  });
});
