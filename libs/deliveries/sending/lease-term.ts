/**
 * How long the deliveries of this process are safe from being taken over, by its own monotonic clock. A lease counts from
 * the moment it was asked for, which is before PostgreSQL's `now()`: this process is never the last to learn of the end.
 */
export class LeaseTerm {
  /** When the first of the renewals that followed each other without a gap was asked for. */
  private unbrokenSince = Number.POSITIVE_INFINITY;
  private renewedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly leaseMs: number) {}

  /**
   * Notes a renewal by the times of its request and its answer.
   * @returns whether the lease before it may have run out, so that others may have taken over what was held
   */
  renew(askedAt: number, answeredAt: number): boolean {
    const lapsed = answeredAt > this.renewedAt + this.leaseMs;
    const lost = lapsed && this.renewedAt !== Number.NEGATIVE_INFINITY;
    if (lapsed) this.unbrokenSince = askedAt;
    this.renewedAt = askedAt;
    return lost;
  }

  /** Milliseconds that are left for a delivery whose claim was asked for at `claimedAt`; negative after the end. */
  left(claimedAt: number, now: number): number {
    // A claim from before a gap has only its own lease: later renewals say nothing about what happened in the gap.
    const from = claimedAt >= this.unbrokenSince ? Math.max(claimedAt, this.renewedAt) : claimedAt;
    return from + this.leaseMs - now;
  }
}
