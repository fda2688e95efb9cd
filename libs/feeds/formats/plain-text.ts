import { cleanLine, decodeHtmlEntities, fitText } from '#text';

/** Text as a person reads it: no tags, no entities, single spaces, at most `max` characters. */
export function plainText(html: string | null | undefined, max: number): string {
  if (!html) return '';
  // Cuts first, because one item may hold 280 KB of links. Ten times `max`, because tags take room.
  const raw = html.length > max * 10 + 10_000 ? html.slice(0, max * 10 + 10_000) : html;
  const text = raw.includes('<') ? withoutTags(raw) : raw;
  return fitText(cleanLine(decodeHtmlEntities(text)), max);
}

/** A tag, one that opens what nobody reads, or the mark of a comment. `[^<>]` and not `[^>]`: `<a<a<a` takes linear time. */
const MARKUP = /<!--|<(?:(script|style)\b[^<>]*|\/?[a-zA-Z][^<>]*)>/g;

/** Each tag, comment and script becomes a space. Linear: what never ends is searched for once, not at each of its beginnings. */
function withoutTags(html: string): string {
  const ends = new Map<string, number[]>();
  let out = '';
  let at = 0;
  MARKUP.lastIndex = 0;
  for (let found = MARKUP.exec(html); found !== null; found = MARKUP.exec(html)) {
    const name = found[0] === '<!--' ? 'comment' : found[1];
    const end = name === undefined ? undefined : endAfter(html, name, found.index + found[0].length, ends);
    // A comment that never ends is text; a script that never ends is a tag.
    if (name === 'comment' && end === undefined) continue;
    out += `${html.slice(at, found.index)} `;
    at = end ?? MARKUP.lastIndex;
    MARKUP.lastIndex = at;
  }
  return out + html.slice(at);
}

const CLOSING: Record<string, RegExp> = {
  comment: /-->/g,
  script: /<\/script\s*>/g,
  style: /<\/style\s*>/g,
};

/** The place behind the next end of `name`, in time that is linear over all calls for one text. */
function endAfter(html: string, name: string, from: number, ends: Map<string, number[]>): number | undefined {
  let left = ends.get(name);
  if (left === undefined) {
    left = [...html.matchAll(CLOSING[name]!)].flatMap(({ index, 0: text }) => [index, index + text.length]).reverse();
    ends.set(name, left);
  }
  // Ends that lie before are passed for good: beginnings are asked for in their order.
  while (left.length > 0 && left.at(-1)! < from) left.splice(-2);
  return left.at(-2);
}
