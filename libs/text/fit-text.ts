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

/** fitText() for text that grows when it is escaped. Never cuts inside an escape. */
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

/** The longest run of whole graphemes within `max` from the start. If the first one alone is longer: whole code points of it. */
function prefix(text: string, max: number): string {
  if (text.length <= max) return text;
  const end = GRAPHEMES.segment(text.slice(0, max + LOOK_AHEAD)).containing(max)?.index ?? max;
  if (end > 0) return text.slice(0, end);
  const split = max > 0 && /[\ud800-\udbff]/.test(text[max - 1]!) && /[\udc00-\udfff]/.test(text[max]!);
  return text.slice(0, split ? max - 1 : max);
}
