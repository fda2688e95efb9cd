import { MAX_DEPTH, MAX_VALUES } from './document-limits.js';
import { atMost, notAFeed } from './unreadable-document.js';

type Reviver = (this: unknown, key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * Parses untrusted JSON. Counts depth and values first, because JSON.parse() allocates whatever the text demands, and
 * one allocation far above a thread's limit ends the whole process.
 * @throws UnreadableDocument
 */
export function jsonDocument(text: string, reviver?: Reviver): unknown {
  const document = text.replace(/^\uFEFF/, '');
  countValues(document);
  try {
    return JSON.parse(document, reviver as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw notAFeed(`its JSON is broken (${(error as Error).message.slice(0, 120)})`);
  }
}

const [QUOTE, BACKSLASH, COMMA, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 44, 91, 93, 123, 125];

function countValues(text: string): void {
  let depth = 0;
  let values = 1;
  for (let at = 0; at < text.length; at++) {
    const char = text.charCodeAt(at);
    if (char === QUOTE) at = endOfString(text, at);
    else if (char === COMMA) values++;
    else if (char === OPEN_LIST || char === OPEN_OBJECT) {
      values++;
      if (++depth > MAX_DEPTH) atMost('levels', depth, MAX_DEPTH);
    } else if (char === CLOSE_LIST || char === CLOSE_OBJECT) depth--;
    if (values > MAX_VALUES) atMost('values', values, MAX_VALUES);
  }
}

/** Index of the closing quote, or the length of the text. */
function endOfString(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}
