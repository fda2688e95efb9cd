const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ELLIPSIS = '…';
/** Whether a grapheme ends at a position depends on what precedes it and on the one code point there; the rest is not read. */
const LOOK_AHEAD = 2;

/**
 * Cuts text to at most `max` UTF-16 code units (the strictest way in which Slack and Discord count). Cuts between
 * graphemes, so no emoji is halved and no letter loses its accent. Cut text ends in an ellipsis within `max`.
 */
export function fitText(text: string, max: number): string {
  if (text.length <= max) return text;
  if (max < 1) return '';
  return prefix(text, max - 1).trimEnd() + ELLIPSIS;
}

/**
 * fitText() for text that grows when it is escaped. What is kept is escaped as a whole, because an escape may depend on what
 * follows, such as `everyone` after an @. Never cuts inside an escape.
 */
export function fitEscaped(text: string, max: number, escape: (text: string) => string): string {
  const whole = escape(text);
  if (whole.length <= max) return whole;
  if (max < 1) return '';
  const start = prefix(text, max);
  const ends = [0, ...Array.from(GRAPHEMES.segment(start), ({ index, segment }) => index + segment.length)];
  // The longest one that fits, by halving.
  let [fits, beyond] = [0, ends.length];
  while (beyond - fits > 1) {
    const middle = (fits + beyond) >> 1;
    if (escape(start.slice(0, ends[middle])).length <= max - 1) fits = middle;
    else beyond = middle;
  }
  return escape(start.slice(0, ends[fits])).trimEnd() + ELLIPSIS;
}

/** The longest run of whole graphemes within `max` from the start. If the first one alone is longer: whole code points of it. */
function prefix(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = GRAPHEMES.segment(text.slice(0, max + LOOK_AHEAD)).containing(max)?.index ?? max;
  if (end > 0) return text.slice(0, end);
  const split = max > 0 && /[\ud800-\udbff]/.test(text[max - 1]!) && /[\udc00-\udfff]/.test(text[max]!);
  return text.slice(0, split ? max - 1 : max);
}
