/** C0 and C1 controls except tab and newline. PostgreSQL refuses U+0000; no channel shows the others, and some refuse them. */
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;
/** Soft hyphen, zero-width characters, joiners, and marks that reorder text. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g;
/** The controls that are no white space. */
const CONTROLS_IN_LINE = /[\u0000-\u0008\u000e-\u001f\u007f-\u0084\u0086-\u009f]/g;
/** White space that is not a single space already: a text of words has few matches. */
const BLANKS = /[\s\u0085]{2,}|[^\S ]|\u0085/g;

/** Text that PostgreSQL stores and every channel shows: well-formed, no control characters, lines end in \n, trimmed. */
export function cleanText(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROLS, '').trim();
}

/** cleanText() as one line with single spaces: for titles, and for values that must not start a new header. */
export function cleanLine(text: string): string {
  return text.toWellFormed().replace(CONTROLS_IN_LINE, '').replace(BLANKS, ' ').trim();
}

/**
 * cleanText() without what a reader cannot see. Foreign text for a model could hide instructions there. Not for text
 * that people exchange: it takes the joiners out of emoji and of Indic and Arabic words.
 */
export function visibleText(text: string): string {
  return cleanText(text.replace(/[\u2028\u2029]/g, '\n').replace(INVISIBLE, ''));
}
