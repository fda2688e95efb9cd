/**
 * The time for which no other worker takes over the deliveries of this process, by its monotonic clock. A lease counts from its
 * request, which is before PostgreSQL's `now()`. So this process never assumes a lease that has ended.
 */
export class LeaseTerm {
  /** Time of the request of the first renewal since the last gap. */
  private unbrokenSince = Number.POSITIVE_INFINITY;
  private renewedAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly leaseMs: number) {}

  /**
   * Records a renewal by the times of its request and its answer.
   * @returns whether the previous lease may have ended, so that other workers may have taken over deliveries
   */
  renew(askedAt: number, answeredAt: number): boolean {
    const lapsed = answeredAt > this.renewedAt + this.leaseMs;
    const lost = lapsed && this.renewedAt !== Number.NEGATIVE_INFINITY;
    if (lapsed) this.unbrokenSince = askedAt;
    this.renewedAt = askedAt;
    return lost;
  }

  /** Remaining time of a delivery whose claim was requested at `claimedAt`, in ms. Negative after the end. */
  left(claimedAt: number, now: number): number {
    // A claim from before a gap has only its own lease. Other workers may have taken it over in the gap.
    const from = claimedAt >= this.unbrokenSince ? Math.max(claimedAt, this.renewedAt) : claimedAt;
    return from + this.leaseMs - now;
  }
}
