const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Depth of the items of a list that is a field of the whole. */
const LIST_DEPTH = 2;

export interface SplitLimits {
  itemBytes: number;
  /** Everything but the items. */
  restBytes: number;
  depth: number;
}

/** Why a text cannot be split: it is no JSON, or something in it is too large. */
export class SplitError extends Error {
  constructor(
    readonly reason: 'syntax' | 'depth' | 'item' | 'rest',
    /** The item in which it was found. */
    readonly index: number,
  ) {
    super(`JSON list: ${reason} at item ${index}`);
  }
}

/**
 * Splits JSON that arrives in pieces into the items of one list of its object and the rest. Finds brackets and quotes only:
 * whether an item is JSON is for the parser of the item. Works on bytes, because no byte of a longer UTF-8 sequence is ASCII.
 */
export class ListSplitter {
  #depth = 0;
  #inString = false;
  #escaped = false;
  #inList = false;
  /** The last string at depth 1, which is the name of a field if a colon follows. */
  #name: Buffer[] = [];
  #afterColon = false;
  #separated = false;
  #item: Buffer[] = [];
  #itemBytes = 0;
  #rest: Buffer[] = [];
  #restBytes = 0;
  #count = 0;

  constructor(
    private readonly list: string,
    private readonly limits: SplitLimits,
    private readonly onItem: (text: Buffer, index: number) => void,
  ) {}

  /** @throws SplitError */
  write(chunk: Buffer): void {
    // Where the part of the chunk begins that is not taken yet, and where the name within it.
    let from = 0;
    let nameFrom = this.#inString && this.#depth === 1 ? 0 : -1;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (byte === BACKSLASH) this.#escaped = true;
        else if (byte === QUOTE) {
          this.#inString = false;
          if (nameFrom >= 0) this.#name.push(chunk.subarray(nameFrom, at + 1));
          nameFrom = -1;
        }
        continue;
      }
      if (byte <= 32) continue;
      const afterColon = this.#afterColon;
      this.#afterColon = false;
      if (byte === QUOTE) {
        this.#inString = true;
        if (this.#depth === 1) {
          this.#name = [];
          nameFrom = at;
        }
      } else if (byte === COLON) this.#afterColon = this.#depth === 1;
      else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
        if (++this.#depth > this.limits.depth) throw new SplitError('depth', this.#count);
        if (byte !== OPEN_LIST || !afterColon || this.#depth !== LIST_DEPTH || !this.#isList()) continue;
        this.#keep(chunk.subarray(from, at + 1));
        from = at + 1;
        this.#inList = true;
        this.#separated = false;
      } else if (byte === COMMA && this.#inList && this.#depth === LIST_DEPTH) {
        this.#hold(chunk.subarray(from, at));
        from = at + 1;
        this.#separated = true;
        this.#take();
      } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
        if (this.#inList && this.#depth === LIST_DEPTH) {
          if (byte === CLOSE_OBJECT) throw new SplitError('syntax', this.#count);
          this.#hold(chunk.subarray(from, at));
          from = at;
          if (this.#separated || !isBlank(this.#item)) this.#take();
          else this.#item = [];
          this.#itemBytes = 0;
          this.#inList = false;
        }
        if (--this.#depth < 0) throw new SplitError('syntax', this.#count);
      }
    }
    if (nameFrom >= 0) this.#name.push(chunk.subarray(nameFrom));
    if (this.#inList) this.#hold(chunk.subarray(from));
    else this.#keep(chunk.subarray(from));
  }

  /** The text without the items: the list is empty in it. */
  rest(): Buffer {
    return Buffer.concat(this.#rest);
  }

  #isList(): boolean {
    try {
      return JSON.parse(Buffer.concat(this.#name).toString()) === this.list;
    } catch {
      return false;
    }
  }

  #hold(part: Buffer): void {
    this.#itemBytes += part.length;
    if (this.#itemBytes > this.limits.itemBytes) throw new SplitError('item', this.#count);
    if (part.length > 0) this.#item.push(part);
  }

  #keep(part: Buffer): void {
    this.#restBytes += part.length;
    if (this.#restBytes > this.limits.restBytes) throw new SplitError('rest', this.#count);
    this.#rest.push(part);
  }

  #take(): void {
    const text = this.#item.length === 1 ? this.#item[0]! : Buffer.concat(this.#item);
    this.#item = [];
    this.#itemBytes = 0;
    this.onItem(text, this.#count++);
  }
}

function isBlank(parts: readonly Buffer[]): boolean {
  return parts.every((part) => part.every((byte) => byte <= 32));
}
