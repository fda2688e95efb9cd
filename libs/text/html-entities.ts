import { decodeHTMLStrict, decodeXML } from 'entities/decode';

const C1 = /[\u0080-\u009f]/g;
const C1_MEANT = new TextDecoder('windows-1252').decode(Uint8Array.from({ length: 32 }, (_, at) => 0x80 + at));

/**
 * HTML's character references as characters: all 2,125 names of the standard and numbers, each with its semicolon.
 * Anything else stays as written: `&notes` in plain text is no `¬es`. As in a browser, `&#146;` is ’, the windows-1252
 * character that was meant. A C1 control is read the same way, since an XML parser turns `&#146;` into one.
 */
export function decodeHtmlEntities(text: string): string {
  const decoded = text.includes('&') ? decodeHTMLStrict(text) : text;
  return decoded.replace(C1, (control) => C1_MEANT[control.charCodeAt(0) - 0x80]!);
}

/** XML's five names and its numbers as characters. */
export function decodeXmlEntities(text: string): string {
  return text.includes('&') ? decodeXML(text) : text;
}
