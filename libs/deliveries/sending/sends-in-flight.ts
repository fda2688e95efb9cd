import { withTimeout } from '#resilience';

/** After this long, a send no longer counts against the concurrency limit. */
const SLOW_AFTER_MS = 250;

/** Maximum number of slow sends. Beyond it their lanes get no more deliveries in this process until some have ended. */
const SLOW_MAX = 1_000;

/**
 * The sends of this process. Only quick sends count against the places. Otherwise hanging receivers would take them all, and one
 * dead endpoint would delay every other (50 lanes, 5 of them hanging with 10 sends each: 50 of 128 places for 15 s).
 */
export class SendsInFlight {
  private quick = 0;
  private readonly slow = new Map<string, number>();
  private slowTotal = 0;
  private idle: (() => void) | undefined;

  /** @param places maximum concurrent quick sends @param freed called when a send ends or becomes slow */
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

  /** Lanes that wait for their slow sends. */
  get crowded(): string[] {
    return this.slowTotal < SLOW_MAX ? [] : [...this.slow.keys()];
  }

  /**
   * @param doubtful the lane has not delivered lately, so its sends count as slow from the start
   * @returns a function to call when the send has ended
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

  /** Resolves when no send is in flight, or after `ms`. */
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
