import { withTimeout } from '#resilience';

/** A send that lasts longer stands no longer in the way of others. */
const SLOW_AFTER_MS = 250;

/** Slow sends at most; then their lanes get nothing more here until some have ended. */
const SLOW_MAX = 1_000;

/**
 * What this process is sending. Room is counted by quick sends only: receivers that hang would else take all of it, and
 * one dead endpoint would delay every other (50 lanes, 5 hanging with 10 each: 50 of 128 places, for 15 s).
 */
export class SendsInFlight {
  private quick = 0;
  private readonly slow = new Map<string, number>();
  private slowTotal = 0;
  private idle: (() => void) | undefined;

  /** @param places quick sends at once @param freed called whenever one has ended or become slow */
  constructor(
    private readonly places: number,
    private readonly freed: () => void,
  ) {}

  /** Free places. */
  get room(): number {
    return Math.max(0, this.places - this.quick);
  }

  get total(): number {
    return this.quick + this.slowTotal;
  }

  /** Lanes that must wait for their slow sends. */
  get crowded(): string[] {
    return this.slowTotal < SLOW_MAX ? [] : [...this.slow.keys()];
  }

  /**
   * @param doubtful the lane has not delivered lately: it is slow until it shows that it is not
   * @returns call it when the send has ended
   */
  begin(endpointId: string, doubtful: boolean): () => void {
    let slow = doubtful;
    let timer: NodeJS.Timeout | undefined;
    if (doubtful) {
      this.beginSlow(endpointId);
    } else {
      this.quick += 1;
      timer = setTimeout(() => {
        slow = true;
        this.quick -= 1;
        this.beginSlow(endpointId);
        this.freed();
      }, SLOW_AFTER_MS).unref();
    }
    return () => {
      clearTimeout(timer);
      if (slow) this.endSlow(endpointId);
      else this.quick -= 1;
      if (this.total === 0) this.idle?.();
      this.freed();
    };
  }

  /** Resolves when nothing is in flight, or after `ms`. */
  async finished(ms: number): Promise<void> {
    if (this.total === 0) return;
    const none = new Promise<void>((resolve) => (this.idle = resolve));
    await withTimeout(none, ms, () => undefined);
  }

  private beginSlow(endpointId: string): void {
    this.slowTotal += 1;
    this.slow.set(endpointId, (this.slow.get(endpointId) ?? 0) + 1);
  }

  private endSlow(endpointId: string): void {
    this.slowTotal -= 1;
    const left = this.slow.get(endpointId)! - 1;
    if (left === 0) this.slow.delete(endpointId);
    else this.slow.set(endpointId, left);
  }
}
