import { decodeHTMLStrict, decodeXML } from 'entities/decode';
import { z } from 'zod';
import { publishSchemas } from '#schemas';

/** C0 and C1 controls except tab and newline. PostgreSQL refuses U+0000; no channel shows the others, and some refuse them. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Soft hyphen, zero-width characters, joiners, and marks that reorder text. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
/** The controls that are no white space. */
const CONTROLS_IN_LINE = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]/g;
/** White space other than a single space. Ordinary text has few matches. */
const BLANKS = /[\s\u0085]{2,}|[^\S ]|\u0085/g;
const C1 = /[\u0080-\u009f]/g;
const C1_MEANT = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at));

/** Text that PostgreSQL stores and every channel shows: well-formed, no control characters, lines end in \n, trimmed. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '').trim();
}

/** cleanText() as one line with single spaces: for titles, and for values that must not start a new header. */
export function cleanLine(text: string): string {
  return text.toWellFormed().replace(CONTROLS_IN_LINE, '').replace(BLANKS, ' ').trim();
}

/**
 * cleanText() without invisible characters, in which foreign text for a model could hide instructions. Not for text
 * between people: it removes the joiners of emoji and of Indic and Arabic words.
 */
export function visibleText(text: string): string {
  return cleanText(text.replace(/[\u2028\u2029]/g, '\n').replace(INVISIBLE, ''));
}

/**
 * Decodes HTML's character references: all 2,125 names of the standard and numbers, each with its semicolon. Anything
 * else stays as written: `&notes` in plain text is not `¬es`. As in a browser, `&#146;` is ’, the intended windows-1252
 * character. A C1 control is read the same way, because an XML parser turns `&#146;` into one.
 */
export function decodeHtmlEntities(text: string): string {
  const decoded = text.includes('&') ? decodeHTMLStrict(text) : text;
  return decoded.replace(C1, (control) => C1_MEANT[control.charCodeAt(0) - 0x80]!);
}

/** XML's five names and its numbers as characters. */
export function decodeXmlEntities(text: string): string {
  return text.includes('&') ? decodeXML(text) : text;
}

/**
 * Text of `min` to `max` code points that PostgreSQL stores and returns unchanged. zod counts an emoji as one, `length` as two.
 * Refuses U+0000, which text and jsonb cannot hold, and half a surrogate pair, which would come back as U+FFFD.
 */
export function wireText(max: number, min = 1): z.ZodString {
  return z
    .string({ error: `text of ${min} to ${max} characters` })
    .min(min, { error: `text of ${min} to ${max} characters` })
    .max(max, { error: `text of ${min} to ${max} characters` })
    .refine((value) => !value.includes('\0'), { error: 'text without U+0000' })
    .refine((value) => value.isWellFormed(), { error: 'well-formed Unicode (half a surrogate pair was found)' });
}

/** A broker's name, the namespace of accounts, keys and quotes, for example `zerodha` or `upstox`. */
export const brokerName = z
  .string({ error: 'a broker name such as "zerodha"' })
  .regex(/^[a-z][a-z0-9_-]{0,31}$/, { error: 'a broker name: a-z, 0-9, _ or -, starting with a letter, at most 32' });

/**
 * A currency of a country (`INR`), a crypto asset (`USDT`, `1INCH`) or a minor unit: `GBX` and `GBp` are pence, `ZAc` is a
 * cent of the rand.
 */
export const currencyCode = z
  .string({ error: 'a currency code such as "INR", "USDT" or "GBX"' })
  .regex(/^(?:[A-Z0-9]{2,12}|GBp|ZAc)$/, {
    error: 'a currency code: 2 to 12 capital letters or digits, "GBp" or "ZAc"',
  });

publishSchemas({ BrokerName: brokerName, CurrencyCode: currencyCode });
