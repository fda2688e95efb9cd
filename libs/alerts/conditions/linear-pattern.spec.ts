import type { RE2JS } from 're2js';
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
  '^.$',
  '^a\\sb$',
  '^a[\\S]b$',
  '[^]x',
  'a[]|b',
  '^[[:alpha:]',
  '\\$\\/\\^',
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
  '\u2028',
  '\r',
  'a\u00a0b',
  'a\u200bb',
  'a\vb',
  ':]',
  '$/^',
];

describe('a pattern', () => {
  it.each(PATTERNS)('%s matches the texts that a JavaScript regular expression matches', (source) => {
    for (const ignoreCase of [false, true]) {
      const pattern = new LinearPattern(source, ignoreCase);
      const native = new RegExp(source, ignoreCase ? 'iu' : 'u');
      for (const text of TEXTS)
        expect([text, ignoreCase, pattern.test(text)]).toEqual([text, ignoreCase, native.test(text)]);
      for (const text of TEXTS) expect(pattern.test(text)).toBe(native.test(text)); // Again, with the states kept.
    }
  });

  it.each(['(a+)+$', '(a|a)*$', '(a|aa)+$', '(.*a){20}$', '^(([a-z])+.)+[A-Z]([a-z])+$', 'a*a*a*a*a*b', '(x+x+)+y'])(
    '%s finishes on a text that hangs a backtracking engine',
    (source) => {
      const text = `${'a'.repeat(8_000)}${'x'.repeat(8_000)}!`;
      expect(typeof new LinearPattern(source, true).test(text)).toBe('boolean');
    },
  );

  it('a pattern keeps at most 128 KiB of states and still matches correctly', () => {
    const pattern = new LinearPattern('(a|b)*a(a|b){12}c', false);
    const texts = Array.from(
      { length: 3_000 },
      (_, n) => n.toString(2).replaceAll('0', 'a').replaceAll('1', 'b').repeat(3) + (n % 2 ? 'c' : ''),
    );
    const native = /(a|b)*a(a|b){12}c/;
    for (const text of texts) expect(pattern.test(text)).toBe(native.test(text));
    const { dfa } = (pattern as unknown as { compiled: RE2JS }).compiled.re2();
    let bytes = 0;
    for (const { nfaStates } of dfa.cachedStates() as Iterable<{ nfaStates: number[] }>) bytes += nfaStates.length * 8;
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(131_072);
  });

  it.each([
    ['(a)\\1', 'no back references (at character 5 of "(a)\\\\1")'],
    ['(?=a)', 'no look-around, named groups or flags; (?:...) groups (at character 2 of "(?=a)")'],
    ['(?<n>a)', 'no look-around, named groups or flags; (?:...) groups'],
    ['(?i)a', 'no look-around, named groups or flags; (?:...) groups'],
    ['(a', 'a ")" for each "(" (at character 2 of "(a")'],
    ['a)', 'no ")" here (at character 1 of "a)")'],
    ['[a', 'a "]" for each "["'],
    ['*a', 'a repeat needs something to repeat'],
    ['^*', 'a repeat needs something to repeat'],
    ['a{2,1}', 'the smaller count first'],
    ['a{1001}', 'at most 100 repeats'],
    ['(a{40}){26}', 'nested repeats that multiply to at most 1000'],
    ['a\\', 'something after the last "\\"'],
    ['[z-a]', 'a range from the lower character to the higher'],
    ['\\q', 'no \\q (at character 2'],
    ['\\pL', 'no \\p'],
    ['a**', 'one repeat at a time'],
    [`(${'[ab]'.repeat(41)}){50}`, 'at most 2000 steps with repeats written out, this has 2050'],
    ['\\u{110000}', 'a code point such as \\u0041 or \\u{1f600} after \\u'],
  ])('the pattern %s is refused with the allowed syntax, the position and the pattern', (source, allowed) => {
    expect(() => new LinearPattern(source, false)).toThrow(allowed);
  });
});
