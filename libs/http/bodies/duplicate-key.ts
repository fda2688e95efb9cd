const QUOTE = 34;
const COLON = 58;
const BACKSLASH = 92;

/**
 * Counts the keys written in a JSON text. JSON.parse silently keeps the last of two equal keys, so a text with more keys
 * than its parsed value has a duplicate: two readers of such a request could disagree on its meaning.
 * Jumps from quote to quote: 1 MiB takes about 4 ms, parsing it 8 ms.
 * @param text valid JSON
 */
export function keysSpelled(text: string): number {
  let keys = 0;
  for (let at = text.indexOf('"'); at !== -1; at = text.indexOf('"', at)) {
    at = afterString(text, at);
    while (isSpace(text.charCodeAt(at))) at++;
    if (text.charCodeAt(at) === COLON) keys++;
  }
  return keys;
}

/** The first key that an object of this JSON text has twice, or undefined. */
export function duplicateKey(text: string): string | undefined {
  const open: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '{') open.push(new Set());
    else if (char === '}') open.pop();
    else if (text.charCodeAt(at) === QUOTE) {
      const begin = at;
      at = afterString(text, at);
      const end = at;
      while (isSpace(text.charCodeAt(at))) at++;
      if (text.charCodeAt(at) !== COLON) at = end - 1;
      else {
        const key = JSON.parse(text.slice(begin, end)) as string;
        const seen = open.at(-1);
        if (seen?.has(key)) return key;
        seen?.add(key);
      }
    }
  }
  return undefined;
}

/** @param at the opening quote; @returns the place after the closing one */
function afterString(text: string, at: number): number {
  let end = text.indexOf('"', at + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(at - 1 - slashes) === BACKSLASH) slashes++;
  return slashes % 2 === 1;
}

function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 13 || code === 9;
}
