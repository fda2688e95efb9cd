import { brokenJson, emptyFile, fileLimit, notJsonArray } from '../instruments.errors.js';

/** Maximum length of an element in characters. No contract is longer. */
const MAX_ELEMENT = 1024 * 1024;
/** Maximum depth. Masters are flat; some nest one or two lists. */
const MAX_DEPTH = 32;
/** Names of the outermost object that a message shows. */
const NAMES_SHOWN = 20;
const [TAB, LF, CR, SPACE, QUOTE, COMMA, COLON, BACKSLASH, BOM] = [...'\t\n\r ",:\\\uFEFF'].map((c) => c.charCodeAt(0));
const [LIST, LIST_END, OBJECT, OBJECT_END] = [...'[]{}'].map((c) => c.charCodeAt(0));

/** An element of the list of rows, as text. */
export interface JsonElement {
  /** Its name, if the rows are an object. */
  key: string | undefined;
  text: string;
}

interface Level {
  isList: boolean;
  start: number;
  expects: 'value' | 'first' | 'key' | 'colon' | 'comma';
  key: string | undefined;
  /** Steps of the paths that lead here, or -1 off the path. */
  rows: number;
  page: number;
}

/**
 * Splits a JSON text into the elements of one list, found by its path, wherever it is in the file. Only one element is in
 * memory at a time, so a master of 30 MB on one line needs no more than another.
 */
export class JsonScanner {
  /** The value at the path `page`: more pages follow if it is not blank. */
  page = '';
  count = 0;
  /** Names of the outermost object, for messages. */
  readonly names: string[] = [];
  private readonly rows: readonly string[];
  private readonly pagePath: readonly string[] | undefined;
  private readonly levels: Level[] = [];
  private text = '';
  private at = 0;
  /** The element that is being read. */
  private capture: { start: number; depth: number; inText: boolean; key: string | undefined } | undefined;
  private started = false;
  private opened = false;
  /** The elements that ended in the last piece, also if its scan was refused. */
  found: JsonElement[] = [];

  constructor(paths: { rows?: string | undefined; page?: string | undefined }) {
    this.rows = paths.rows?.split('.') ?? [];
    this.pagePath = paths.page?.split('.');
  }

  /** The elements that end in this piece. @throws DomainError INSTRUMENTS_FILE_* */
  scan(piece: string): JsonElement[] {
    this.text += piece;
    this.found = [];
    while (this.at < this.text.length) if (!(this.capture ? this.captured() : this.stepped())) break;
    const keep =
      this.capture?.start ?? this.levels.find((level) => this.isRows(level) && this.count === 0)?.start ?? this.at;
    const kept = Math.min(keep, this.text.length);
    if (this.text.length - kept > MAX_ELEMENT)
      throw fileLimit('characters', this.text.length - kept, MAX_ELEMENT, ` in element ${this.count + 1}`);
    this.text = this.text.slice(kept);
    this.at -= kept;
    for (const level of this.levels) level.start -= kept;
    if (this.capture) this.capture.start -= kept;
    return this.found;
  }

  /** To call after the last piece. @throws DomainError INSTRUMENTS_FILE_* */
  end(): void {
    if (!this.started) throw emptyFile();
    // A number at the end of the text ends with it.
    this.scan(' ');
    if (this.capture || this.levels.length > 0) throw brokenJson(this.count);
    if (!this.opened) throw notJsonArray(this.where(), `has only the names ${this.names.join(', ') || '(none)'}`);
  }

  /** Reads on within an element. Returns false if it needs more text. */
  private captured(): boolean {
    const capture = this.capture!;
    const { text } = this;
    let { at } = this;
    let { inText, depth } = capture;
    for (; at < text.length; at++) {
      const char = text.charCodeAt(at);
      if (inText) {
        if (char === BACKSLASH) at++;
        else if (char === QUOTE) inText = false;
      } else if (char === QUOTE) inText = true;
      else if (char === OBJECT || char === LIST) this.deepen(++depth + this.levels.length);
      else if ((char === OBJECT_END || char === LIST_END) && --depth === 0) {
        this.at = at + 1;
        this.found.push({ key: capture.key, text: text.slice(capture.start, this.at) });
        this.count++;
        this.capture = undefined;
        return true;
      }
    }
    // After a backslash at the end of the text, this is beyond the text, and the next character is skipped.
    this.at = at;
    capture.inText = inText;
    capture.depth = depth;
    return false;
  }

  /** Reads one token outside of elements. Returns false if it needs more text. */
  private stepped(): boolean {
    const char = this.text.charCodeAt(this.at);
    if (char === SPACE || char === LF || char === CR || char === TAB || (char === BOM && !this.started)) {
      this.at++;
      return true;
    }
    const level = this.levels.at(-1);
    if (level === undefined && this.started) throw brokenJson(this.count);
    this.started = true;
    if (level === undefined || level.expects === 'value') return this.value(char, level);
    if (char === (level.isList ? LIST_END : OBJECT_END) && (level.expects === 'first' || level.expects === 'comma'))
      return this.close();
    if (level.expects === 'first') level.expects = level.isList ? 'value' : 'key';
    else if (level.expects === 'comma' && char === COMMA) {
      level.expects = level.isList ? 'value' : 'key';
      this.at++;
    } else if (level.expects === 'colon' && char === COLON) {
      level.expects = 'value';
      this.at++;
    } else if (level.expects === 'key' && char === QUOTE) return this.name(level);
    else throw brokenJson(this.count);
    return true;
  }

  private close(): boolean {
    this.levels.pop();
    this.at++;
    const parent = this.levels.at(-1);
    if (parent) parent.expects = 'comma';
    return true;
  }

  private name(level: Level): boolean {
    const end = this.endOfText();
    if (end < 0) return false;
    level.key = this.parsed(this.at, end) as string;
    if (this.levels.length === 1 && this.names.length < NAMES_SHOWN) this.names.push(level.key.slice(0, 100));
    level.expects = 'colon';
    this.at = end;
    return true;
  }

  private value(char: number, parent: Level | undefined): boolean {
    if (parent !== undefined && this.isRows(parent)) return this.element(char, parent);
    const rows = next(parent?.rows, this.rows, parent);
    const page = next(parent?.page, this.pagePath ?? [], parent);
    const isRows = rows === this.rows.length;
    if (char === LIST || char === OBJECT) {
      this.deepen(this.levels.length + 1);
      if (isRows) this.opened = true;
      const level = { isList: char === LIST, start: this.at, expects: 'first', key: undefined, rows, page } as const;
      this.levels.push({ ...level });
      this.at++;
      return true;
    }
    const end = char === QUOTE ? this.endOfText() : this.endOfWord();
    if (end < 0) return false;
    const value = this.parsed(this.at, end);
    if (isRows) {
      // Some brokers answer null, or "null", where they have no rows.
      if (parent === undefined || (value !== null && value !== 'null'))
        throw notJsonArray(this.where(), `is ${this.text.slice(this.at, Math.min(end, this.at + 80))}`);
      this.opened = true;
    }
    if (this.pagePath !== undefined && page === this.pagePath.length && value !== null && value !== false)
      this.page = String(value);
    this.at = end;
    if (parent) parent.expects = 'comma';
    return true;
  }

  private element(char: number, level: Level): boolean {
    if (char === OBJECT) {
      this.deepen(this.levels.length + 1);
      this.capture = { start: this.at, depth: 0, inText: false, key: level.isList ? undefined : level.key };
      level.expects = 'comma';
      return true;
    }
    if (this.count > 0 || level.isList) throw brokenJson(this.count);
    if (this.rows.length === 0)
      throw notJsonArray(this.where(), `starts with ${JSON.stringify(this.text.slice(level.start, level.start + 80))}`);
    // An object of plain values where a list is expected is its only element.
    this.levels.pop();
    const parent = this.levels.at(-1);
    if (parent) parent.expects = 'comma';
    this.at = level.start;
    this.capture = { start: this.at, depth: 0, inText: false, key: undefined };
    return true;
  }

  private isRows(level: Level): boolean {
    return level.rows === this.rows.length;
  }

  private where(): string {
    return this.rows.length === 0 ? 'at its top' : `at ${JSON.stringify(this.rows.join('.'))}`;
  }

  private deepen(depth: number): void {
    if (depth > MAX_DEPTH) throw fileLimit('levels', depth, MAX_DEPTH, ` in element ${this.count + 1}`);
  }

  /** The end of the text that begins here, or -1. */
  private endOfText(): number {
    for (let at = this.at + 1; at < this.text.length; at++) {
      const char = this.text.charCodeAt(at);
      if (char === BACKSLASH) at++;
      else if (char === QUOTE) return at + 1;
    }
    return -1;
  }

  /** The end of the number or word that begins here, or -1. */
  private endOfWord(): number {
    const length = this.text.slice(this.at, this.at + MAX_ELEMENT).search(/[\s,[\]{}":]/);
    return length < 0 ? -1 : this.at + Math.max(1, length);
  }

  private parsed(from: number, to: number): unknown {
    try {
      return JSON.parse(this.text.slice(from, to));
    } catch (cause) {
      throw brokenJson(this.count, cause);
    }
  }
}

/** Steps of a path that lead to a value, or -1: one more than to its parent if its name is the next step. */
function next(above: number | undefined, path: readonly string[], parent: Level | undefined): number {
  if (parent === undefined || above === undefined) return 0;
  return above >= 0 && !parent.isList && path[above] === parent.key ? above + 1 : -1;
}
