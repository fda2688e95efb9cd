/** A position of the primary's log, written `16/B374D848`, as a number. */
export function logPosition(lsn: string): bigint {
  const [high, low] = lsn.split('/') as [string, string];
  return (BigInt(`0x${high}`) << 32n) + BigInt(`0x${low}`);
}

interface Mark {
  lsn: bigint;
  /** When the primary was asked, in ms. It had flushed every commit from before that moment at `lsn`. */
  at: number;
}

/** Marks that are kept. At the limit every second one is dropped, so the measured staleness can only be too high. */
const KEPT_MARKS = 256;

/**
 * How old the data of a replica may be, from positions of the log alone: a replica that has applied a position has every
 * commit from before the moment at which the primary reported it. Only the clock of this process is read, so clocks of
 * servers may differ, and an idle primary does not look like a late replica.
 */
export class ReplicaLag {
  private marks: Mark[] = [];
  private confirmedAt = -Infinity;

  /** The primary had flushed up to `lsn`. @param at when it was asked, in ms */
  asked(lsn: bigint, at: number): void {
    this.marks.push({ lsn, at });
    if (this.marks.length > KEPT_MARKS) this.marks = this.marks.filter((_, index) => index % 2 === 1);
  }

  /** The replica has applied everything up to `lsn`. */
  applied(lsn: bigint): void {
    for (const mark of this.marks) if (mark.lsn <= lsn) this.confirmedAt = Math.max(this.confirmedAt, mark.at);
    this.marks = this.marks.filter((mark) => mark.lsn > lsn);
  }

  /** Nothing is known any more: it is another replica, or another primary. */
  forget(): void {
    this.marks = [];
    this.confirmedAt = -Infinity;
  }

  /** Upper bound of the staleness of a snapshot that the replica takes now, in ms. Infinity before the first measurement. */
  stalenessMs(now: number): number {
    return now - this.confirmedAt;
  }
}
