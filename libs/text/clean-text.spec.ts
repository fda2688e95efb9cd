import { cleanLine, cleanText, decodeHtmlEntities, decodeXmlEntities, visibleText } from './clean-text.js';

describe('clean text', () => {
  it('clean text has no control characters, no half of a surrogate pair and one kind of line end', () => {
    expect(cleanText('a\u0000b\u001b[31m\r\nc\rd\ud800')).toBe('ab[31m\nc\nd\ufffd');
  });
});

describe('a clean line', () => {
  it('a clean line has no line ends and single spaces', () => {
    expect(cleanLine(' Subject:\r\nBcc: x\u2028y\t z ')).toBe('Subject: Bcc: x y z');
    expect(cleanLine('a\u0085b\u00a0 c\u3000d  e f\n')).toBe('a b c d e f');
  });

  it('a clean line loses control characters without a gap', () => {
    expect(cleanLine('a\u0000b \u0008 c\u009f\ud800')).toBe('ab c\ufffd');
  });
});

describe('visible text', () => {
  it('visible text has no invisible characters', () => {
    expect(visibleText('a\u202eb\u200bc\u00add\ufeff\u2066e\u2069\u0007\n f')).toBe('abcde\n f');
    expect(visibleText('a\u2028b\u2029c\r\nd')).toBe('a\nb\nc\nd');
  });
});

describe('HTML entities', () => {
  it.each([
    ['&Eacute; &oslash; &rarr; &#128; &#146;', 'É ø → € ’'],
    ['&#x92; &#X93;a&#x94; &#133; &#150;', '’ “a” … –'],
    ['&CounterClockwiseContourIntegral; &nbsp;|', '∳ \u00a0|'],
    ['&lt;b&gt; &amp;amp; R&amp;D', '<b> &amp; R&D'],
    ['&#0; &#xD800; &#99999999;', '\ufffd \ufffd \ufffd'],
    ['&#129;', '\u0081'],
  ])('%s are the characters that a browser shows', (text, shown) => {
    expect(decodeHtmlEntities(text)).toBe(shown);
  });

  it('an HTML entity in plain text needs its semicolon: a query or a company name is unchanged', () => {
    for (const text of ['fees&regulations', '?a=1&copy=2', 'AT&T', '&unknown;', '&#;', '&#x;', '& ;'])
      expect(decodeHtmlEntities(text)).toBe(text);
  });

  it('C1 controls are read as windows-1252, because an XML parser makes them of &#146;', () => {
    expect(decodeHtmlEntities('it\u0092s \u0080 5 \u0085')).toBe('it’s € 5 …');
  });
});

describe('XML entities', () => {
  it('XML entities are five names and the numbers', () => {
    expect(decodeXmlEntities('&lt;&gt;&amp;&quot;&apos;&#65;&#x42; &eacute; &amp;amp;')).toBe(
      '<>&"\'AB &eacute; &amp;',
    );
  });
});
