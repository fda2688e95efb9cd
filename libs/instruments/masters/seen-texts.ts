import { randomInt } from 'node:crypto';

/**
 * Remembers texts by 64 bits of hash each, so a million keys take 16 MB instead of 100 MB. Two different texts collide
 * once in some 10^7 files of a million rows. This is enough to find candidates for repeats; the database decides about
 * keys.
 */
export class SeenTexts {
  private size = 0;
  /** Random per process, so an author of a master cannot choose texts that share a slot and make a search long. */
  private readonly seed = randomInt(2 ** 32);
  private mask: number;
  private low: Uint32Array;
  private high: Uint32Array;

  constructor(slots = 1 << 16) {
    this.mask = slots - 1;
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
  }

  /** Returns whether the text was seen before, and remembers it. */
  seen(text: string): boolean {
    let a = 0x811c9dc5 ^ this.seed;
    let b = 0x9e3779b9 + this.seed;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x85ebca6b) ^ (b >>> 13);
    }
    return this.add(mixed(a) || 1, mixed(b ^ text.length));
  }

  private add(low: number, high: number): boolean {
    let slot = (low ^ high) & this.mask;
    while (this.low[slot] !== 0) {
      if (this.low[slot] === low && this.high[slot] === high) return true;
      slot = (slot + 1) & this.mask;
    }
    this.low[slot] = low;
    this.high[slot] = high;
    if (++this.size * 2 > this.mask) this.grow();
    return false;
  }

  private grow(): void {
    const { low, high } = this;
    const slots = (this.mask + 1) * 2;
    this.mask = slots - 1;
    this.low = new Uint32Array(slots);
    this.high = new Uint32Array(slots);
    this.size = 0;
    for (let slot = 0; slot < low.length; slot++) if (low[slot] !== 0) this.add(low[slot]!, high[slot]!);
  }
}

/** The last step of MurmurHash3: every bit of the hash depends on every bit of the text. */
function mixed(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
