// What one document of a source may consist of. Real ones of 40 publishers stay below a tenth of each number.

/** Entries of a feed. EDGAR's pages have 100, the longest recorded feed 400. */
export const MAX_ENTRIES = 5_000;
/** Prices of a quote file: every instrument of a large broker. */
export const MAX_QUOTES = 250_000;
/** Elements, comments, CDATA sections and processing instructions of an XML document. */
export const MAX_NODES = 100_000;
/** Levels of elements in XML, of lists and objects in JSON. XHTML in Atom has some 40. */
export const MAX_DEPTH = 256;
/** Attributes of one element. feedparser and sax take quadratic time for them: 160,000 took 8 s. */
export const MAX_ATTRIBUTES = 256;
/** Values of a JSON document. Bounds memory before `JSON.parse`, whose result takes up to 20 times the bytes. */
export const MAX_VALUES = 2_000_000;
/** Columns of a CSV, fields of one JSON element. */
export const MAX_COLUMNS = 1_000;
/** Characters of one line or field of a CSV. A quote that never closes swallows the rest of the file. */
export const MAX_FIELD = 65_536;
