import { decodeHtmlEntities, decodeXmlEntities } from './html-entities.js';

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

  it('in plain text need their semicolon: a query or a company name stays as it is', () => {
    for (const text of ['fees&regulations', '?a=1&copy=2', 'AT&T', '&unknown;', '&#;', '&#x;', '& ;'])
      expect(decodeHtmlEntities(text)).toBe(text);
  });

  it('read C1 controls as windows-1252, because an XML parser makes them of &#146;', () => {
    expect(decodeHtmlEntities('it\u0092s \u0080 5 \u0085')).toBe('it’s € 5 …');
  });
});

describe('XML entities', () => {
  it('are five names and the numbers', () => {
    expect(decodeXmlEntities('&lt;&gt;&amp;&quot;&apos;&#65;&#x42; &eacute; &amp;amp;')).toBe(
      '<>&"\'AB &eacute; &amp;',
    );
  });
});
