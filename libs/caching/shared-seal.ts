import { hkdfSync } from 'node:crypto';
import { deserialize, serialize } from 'node:v8';
import { createSealer, type Sealer } from '#sealing';
import type { Included } from './feed-marks.js';

/** A value in Redis. */
export interface SharedEntry extends Included {
  /** As the loader returned it: undefined, NaN, dates, maps and buffers stay what they are. */
  raw: unknown;
  tags: readonly string[];
  /** How long it is fresh, counted from before its load, in ms. */
  freshMs: number;
}

const DAY_MS = 86_400_000;

/**
 * Seals what is kept in Redis. Nobody who reads Redis sees a value, and nobody who writes to it can forge one, such as
 * the roles of a login. The key is derived from a secret that all processes have, for one day: AES-GCM with random
 * nonces is safe for 2^32 values of a key, and a busy desk may store that many in months.
 */
export class SharedSeal {
  private day = -1;
  private sealer: Sealer | undefined;

  constructor(
    private readonly secret: string,
    private readonly clock: () => number = Date.now,
  ) {}

  /** @param place names the value; it opens there only. @returns undefined for a value that is no plain data */
  seal({ raw, tags, freshMs, xmin, position }: SharedEntry, place: string): string | undefined {
    let bytes: Buffer;
    try {
      bytes = serialize([raw, tags, freshMs, xmin, position]);
    } catch {
      return undefined;
    }
    return this.today().seal(bytes.toString('base64'), place);
  }

  /** @returns undefined for what another key sealed, at another place, or that was altered */
  open(sealed: string, place: string): SharedEntry | undefined {
    try {
      const bytes = Buffer.from(this.today().open(sealed, place), 'base64');
      const [raw, tags, freshMs, xmin, position] = deserialize(bytes) as [unknown, string[], number, number, number];
      return { raw, tags, freshMs, xmin, position };
    } catch {
      return undefined;
    }
  }

  private today(): Sealer {
    const day = Math.floor(this.clock() / DAY_MS);
    if (this.sealer === undefined || day !== this.day) {
      const key = Buffer.from(hkdfSync('sha256', this.secret, '', `deskwire cache ${day}`, 32));
      this.sealer = createSealer(key.toString('base64'));
      this.day = day;
    }
    return this.sealer;
  }
}
