import { LinearPattern } from './linear-pattern.js';

const PATTERNS = [
  'merger',
  '^merger',
  'acquisition$',
  'a|b|',
  '(ab)+c',
  'a{2,3}b',
  'x{0}y',
  '[a-c]+[^d]',
  '\\d{4}-\\d{2}',
  '\\bIPO\\b',
  '\\Bpo',
  '(?:re)?stat(e|ed|es)',
  'a.c',
  '[\\d.]+%',
  '\\$[A-Z]{1,5}',
  '(a*)*b',
  '(a|aa)+$',
  '^$',
  '^(?:[^,]*,){2}x',
  '\\u0041\\x42',
  '[\\]\\-^]',
  '[-a]',
  'q3|third quarter',
  '\\W+z',
  '[\\s\\S]k',
  '[\\D]x',
];
const TEXTS = [
  '',
  'merger',
  'A Merger of equals',
  'acquisition',
  'no acquisition today',
  'ababc',
  'aab',
  'aaab',
  'xy',
  'y',
  'cd',
  'ce',
  '2026-08',
  'An IPO.',
  'IPOs',
  'hippo',
  'restated',
  'state',
  'abc',
  'a\nc',
  '12.5%',
  '$AAPL',
  'aaaa',
  'aaab',
  'a,b,x',
  'AB',
  ']',
  '-',
  '^',
  'Third Quarter',
  '--z',
  'ok',
  '\nk',
  'éx',
  'Ünïcode 🚀',
  '🚀',
  'ab',
];

describe('a pattern', () => {
  it.each(PATTERNS)('%s matches what a regular expression matches', (source) => {
    for (const ignoreCase of [false, true]) {
      const pattern = new LinearPattern(source, ignoreCase);
      const native = new RegExp(source, ignoreCase ? 'iu' : 'u');
      for (const text of TEXTS)
        expect([text, ignoreCase, pattern.test(text)]).toEqual([text, ignoreCase, native.test(text)]);
      for (const text of TEXTS) expect(pattern.test(text)).toBe(native.test(text)); // again, from what it has learnt
    }
  });

  it.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$', 'a*a*a*a*a*b', '(x+x+)+y'])(
    '%s takes linear time on the text that ruins a backtracker',
    (source) => {
      const text = `${'a'.repeat(8_000)}${'x'.repeat(8_000)}!`;
      const pattern = new LinearPattern(source, true);
      const began = performance.now();
      pattern.test(text);
      expect(performance.now() - began).toBeLessThan(2_000);
    },
  );

  it('keeps its memory bounded, whatever the texts, and forgets nothing it must know', () => {
    const pattern = new LinearPattern('(a|b)*a(a|b){8}c', false);
    const texts = Array.from(
      { length: 3_000 },
      (_, n) => n.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').repeat(3) + (n % 2 ? 'c' : ''),
    );
    const native = /(a|b)*a(a|b){8}c/;
    for (const text of texts) expect(pattern.test(text)).toBe(native.test(text));
    expect((pattern as unknown as { states: Map<string, unknown> }).states.size).toBeLessThan(1_200);
  });

  it.each([
    ['(a)\\1', /no back references/],
    ['(?=a)', /no look-around/],
    ['(?<n>a)', /no look-around and no named/],
    ['(a', /"\)" for each/],
    ['a)', /no "\)"/],
    ['[a', /"\]" for each/],
    ['*a', /something to repeat/],
    ['^*', /something to repeat/],
    ['a{2,1}', /smaller count first/],
    ['a{1001}', /at most 100 repeats/],
    ['a\\', /after the last/],
    ['[z-a]', /lower character/],
    ['\\q', /no \\q/],
    ['a**', /one repeat/],
    ['(((a{100}){100}){100})', /smaller/],
    ['\\u{110000}', /code point/],
  ])('%s is refused with the reason', (source, reason) => {
    expect(() => new LinearPattern(source, false)).toThrow(reason);
  });
});
