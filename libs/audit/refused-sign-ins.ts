import { Injectable } from '@nestjs/common';
import { Background } from '#background';
import { AuditRecordsRepository } from './audit-records.repository.js';

const MINUTE_MS = 60_000;
const FLUSH_MS = 5_000;
/** Keys of one minute. A flood from more addresses is counted in one row more. */
const MAX_KEYS = 1_000;
const OTHERS = 'others';

interface Counted {
  row: Promise<string | undefined>;
  /** Repetitions that the row does not contain yet. */
  pending: number;
}

/** Counts refused sign-ins: one row per minute and key, so a flood of refusals is no flood of rows. */
@Injectable()
export class RefusedSignIns {
  #minute = 0;
  #keys = new Map<string, Counted>();
  #closed: Counted[] = [];

  constructor(private readonly records: AuditRecordsRepository) {}

  /**
   * @param insert writes the row of the first refusal of the key in this minute, and returns its id
   * @returns whether this refusal was the first of its key
   */
  async count(key: string, insert: () => Promise<string | undefined>, now = Date.now()): Promise<boolean> {
    const minute = Math.floor(now / MINUTE_MS);
    if (minute !== this.#minute) {
      this.#closed.push(...this.#keys.values());
      this.#keys = new Map();
      this.#minute = minute;
    }
    const counted = this.#keys.size < MAX_KEYS || this.#keys.has(key) ? key : OTHERS;
    const known = this.#keys.get(counted);
    if (known !== undefined) {
      known.pending += 1;
      return false;
    }
    const row = insert();
    this.#keys.set(counted, { row, pending: 0 });
    row.catch(() => this.#keys.delete(counted));
    await row;
    return true;
  }

  /** Adds the repetitions since the last run to their rows. A process that is killed loses those of 5 s. */
  @Background({ name: 'audit-refusals', every: FLUSH_MS, role: 'every-process', whenReadOnly: 'pause' })
  async flush(): Promise<void> {
    const open = [...this.#closed, ...this.#keys.values()];
    this.#closed = [];
    const counts = new Map<string, number>();
    for (const counted of open) {
      const id = await counted.row.catch(() => undefined);
      if (id !== undefined && counted.pending > 0) counts.set(id, counted.pending);
      counted.pending = 0;
    }
    if (counts.size > 0) await this.records.addCounts(counts);
  }
}
