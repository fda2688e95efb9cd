/** Things by a key, such as sockets by user. Holds no key without things. */
export class KeyedGroups<Thing> {
  readonly #groups = new Map<string, Set<Thing>>();

  of(key: string): ReadonlySet<Thing> {
    return this.#groups.get(key) ?? NONE;
  }

  /** Size of the largest group. */
  get largest(): number {
    let largest = 0;
    for (const { size } of this.#groups.values()) largest = Math.max(largest, size);
    return largest;
  }

  add(key: string, thing: Thing): void {
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, new Set([thing]));
    else group.add(thing);
  }

  remove(key: string, thing: Thing): void {
    const group = this.#groups.get(key);
    group?.delete(thing);
    if (group?.size === 0) this.#groups.delete(key);
  }
}

const NONE: ReadonlySet<never> = new Set();
