/** A map of the book before, which is copied when it is first written: a quote of a contract that nobody holds copies nothing. */
export class Copied<Value> {
  private copy: Map<string, Value> | undefined;

  constructor(private readonly before: ReadonlyMap<string, Value> = new Map()) {}

  /** The copy, or the map before if nothing was written. */
  get current(): ReadonlyMap<string, Value> {
    return this.copy ?? this.before;
  }

  get written(): Map<string, Value> {
    if (this.copy !== undefined) return this.copy;
    // A third of the garbage of `new Map(before)`, which makes a list of each entry.
    const copy = new Map<string, Value>();
    this.before.forEach((value, key) => copy.set(key, value));
    return (this.copy = copy);
  }
}
