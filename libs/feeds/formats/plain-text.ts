import { cleanLine, decodeHtmlEntities, fitText } from '#text';

/** Visible text: no tags, decoded entities, single spaces, at most `max` characters. */
export function plainText(html: string | null | undefined, max: number): string {
  if (!html) return '';
  // Cut before the work, because one item may contain 280 KB of links. Ten times `max` leaves room for tags.
  const raw = html.length > max * 10 + 10_000 ? html.slice(0, max * 10 + 10_000) : html;
  const text = raw.includes('<') ? withoutTags(raw) : raw;
  return fitText(cleanLine(decodeHtmlEntities(text)), max);
}

/**
 * A tag, the start of a hidden element, or of a comment. `[^<>]` instead of `[^>]`, so that `<a<a<a` takes linear time.
 */
const MARKUP = /<!--|<(?:(script|style)\b[^<>]*|\/?[a-zA-Z]([^<>]*))>/g;
/** Attributes without a value. Other words after a name are text: `a<b then c>d`. */
const BOOLEAN =
  /^\s+(?:(?:allowfullscreen|async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|nowrap)\s*)+$/i;

/**
 * Replaces each tag, comment and script by a space. Linear: a missing end is searched for once, not from each start.
 */
function withoutTags(html: string): string {
  const ends = new Map<string, number[]>();
  let out = '';
  let at = 0;
  MARKUP.lastIndex = 0;
  for (let found = MARKUP.exec(html); found !== null; found = MARKUP.exec(html)) {
    const name = found[0] === '<!--' ? 'comment' : found[1];
    const end = name === undefined ? undefined : endAfter(html, name, found.index + found[0].length, ends);
    // A comment without an end is text. A script without an end is a tag.
    if (name === 'comment' && end === undefined) continue;
    if (name === undefined && !isAttributes(found[2] ?? '')) continue;
    out += `${html.slice(at, found.index)} `;
    at = end ?? MARKUP.lastIndex;
    MARKUP.lastIndex = at;
  }
  return out + html.slice(at);
}

/** Whether a tag has nothing, `/`, or attributes after its name. @param tail after the first letter of the name */
function isAttributes(tail: string): boolean {
  const rest = tail.slice(/^[\w:.-]*/.exec(tail)![0].length);
  return /[=/]/.test(rest) || rest.trim() === '' || BOOLEAN.test(rest);
}

const CLOSING: Record<string, RegExp> = {
  comment: /-->/g,
  script: /<\/script\s*>/g,
  style: /<\/style\s*>/g,
};

/** Index after the next end of `name`. Linear over all calls for one text. */
function endAfter(html: string, name: string, from: number, ends: Map<string, number[]>): number | undefined {
  let left = ends.get(name);
  if (left === undefined) {
    left = [...html.matchAll(CLOSING[name]!)].flatMap(({ index, 0: text }) => [index, index + text.length]).reverse();
    ends.set(name, left);
  }
  // Ends before `from` are discarded, because calls come in ascending order.
  while (left.length > 0 && left.at(-1)! < from) left.splice(-2);
  return left.at(-2);
}
