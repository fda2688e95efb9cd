// Limits of one document. Documents of 40 real publishers stay below a tenth of each number.

/** Maximum number of entries of a feed. EDGAR's pages have 100, the longest recorded feed 400. */
export const MAX_ENTRIES = 5_000;
/** Maximum number of prices of a quote file. Enough for every instrument of a large broker. */
export const MAX_QUOTES = 250_000;
/** Maximum number of elements, comments, CDATA sections and processing instructions of an XML document. */
export const MAX_NODES = 100_000;
/** Maximum nesting depth of XML elements, and of JSON lists and objects. XHTML in Atom has some 40. */
export const MAX_DEPTH = 256;
/** Maximum number of attributes of an element. feedparser and sax take quadratic time for them: 160,000 took 8 s. */
export const MAX_ATTRIBUTES = 256;
/**
 * Maximum number of values of a JSON document. Bounds memory before `JSON.parse`, whose result takes up to 20 times the
 * bytes.
 */
export const MAX_VALUES = 2_000_000;
/** Maximum number of columns of a CSV and of fields of a JSON element. */
export const MAX_COLUMNS = 1_000;
/** Maximum number of characters of one CSV line or field. A quote that never closes extends to the end of the file. */
export const MAX_FIELD = 65_536;
