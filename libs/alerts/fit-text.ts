const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ELLIPSIS = '…';
/** C0 and C1 controls but tab and newline: no channel shows them, and some refuse them. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Text as every channel can hold it: well-formed, without control characters, lines ended by \n. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '').trim();
}

/** The same in one line: for titles, and for what must not begin a new header. */
export function cleanLine(text: string): string {
  return cleanText(text.replace(/[\s\u2028\u2029\u0085]+/g, ' '));
}

/**
 * At most `max` UTF-16 code units (what Slack and Discord count at most), cut at the end of a grapheme: no half emoji, no
 * letter without its accents. What was cut ends in an ellipsis, which is within `max`.
 */
export function fitText(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  return prefix(text, max - 1).trimEnd() + ELLIPSIS;
}

/** fitText() of text that grows when it is escaped: never cut inside an escape. */
export function fitEscaped(text: string, max: number, escape: (text: string) => string): string {
  const whole = escape(text);
  if (whole.length <= max) return whole;
  let kept = '';
  for (const { segment } of GRAPHEMES.segment(prefix(text, max))) {
    const next = escape(segment);
    if (kept.length + next.length > max - 1) break;
    kept += next;
  }
  return max < 1 ? '' : kept.trimEnd() + ELLIPSIS;
}

/** The longest start of whole graphemes within `max`; of one that alone is longer, whole code points. */
function prefix(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = GRAPHEMES.segment(text).containing(max)?.index ?? max;
  if (end > 0) return text.slice(0, end);
  const split = max > 0 && /[\ud800-\udbff]/.test(text[max - 1]!) && /[\udc00-\udfff]/.test(text[max]!);
  return text.slice(0, split ? max - 1 : max);
}
