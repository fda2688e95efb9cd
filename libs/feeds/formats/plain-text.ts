import { cleanLine, decodeHtmlEntities, fitText } from '#text';

/** Text as a person reads it: no tags, no entities, single spaces, at most `max` characters. */
export function plainText(html: string | null | undefined, max: number): string {
  if (!html) return '';
  // Cuts first, because one item may hold 280 KB of links. Ten times `max`, because tags take room.
  const raw = html.length > max * 10 + 10_000 ? html.slice(0, max * 10 + 10_000) : html;
  const text = raw.includes('<')
    ? raw.replace(/<(script|style)\b[^>]*>[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->|<\/?[a-zA-Z][^<>]*>/g, ' ')
    : raw;
  return fitText(cleanLine(decodeHtmlEntities(text)), max);
}
