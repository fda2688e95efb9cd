import { withTimeout } from './with-timeout.js';

export interface QuickPlacesOptions {
  /** Maximum concurrent quick calls. */
  places: number;
  /** After this long, a call no longer counts against the places. */
  slowAfterMs: number;
  /** Number of slow calls from which on `slowRoom` is 0 and `crowded` names their receivers. The caller then begins none that may become slow. */
  slowMax: number;
  /** Called when a place may have become free. */
  freed: () => void;
}

/**
 * The concurrent calls of a process to many receivers, of which some hang. Only quick calls count against the places. Otherwise the
 * hanging ones would take them all, and one dead receiver would delay every other (50 receivers, 5 of them hanging with 10 calls
 * each: 50 of 128 places for 15 s).
 */
export class QuickPlaces {
  private quick = 0;
  private readonly slow = new Map<string, number>();
  private slowTotal = 0;
  private idle: (() => void) | undefined;

  constructor(private readonly options: QuickPlacesOptions) {}

  /** Free places. */
  get room(): number {
    return Math.max(0, this.options.places - this.quick);
  }

  /** Slow calls that may still begin. */
  get slowRoom(): number {
    return Math.max(0, this.options.slowMax - this.slowTotal);
  }

  get total(): number {
    return this.quick + this.slowTotal;
  }

  /** Receivers with slow calls, if there are as many as may be. */
  get crowded(): string[] {
    return this.slowRoom > 0 ? [] : [...this.slow.keys()];
  }

  /**
   * @param doubtful the receiver has failed lately, so the call counts as slow from the start
   * @returns a function to call when the call has ended
   */
  begin(receiver: string, doubtful: boolean): () => void {
    let slow = doubtful;
    let timer: NodeJS.Timeout | undefined;
    if (doubtful) {
      this.beginSlow(receiver);
    } else {
      this.quick += 1;
      timer = setTimeout(() => {
        slow = true;
        this.quick -= 1;
        this.beginSlow(receiver);
        this.options.freed();
      }, this.options.slowAfterMs).unref();
    }
    return () => {
      clearTimeout(timer);
      if (slow) this.endSlow(receiver);
      else this.quick -= 1;
      if (this.total === 0) this.idle?.();
      this.options.freed();
    };
  }

  /** Resolves when no call is in flight, or after `ms`. */
  async finished(ms: number): Promise<void> {
    if (this.total === 0) return;
    const none = new Promise<void>((resolve) => (this.idle = resolve));
    await withTimeout(none, ms, () => undefined);
  }

  private beginSlow(receiver: string): void {
    this.slowTotal += 1;
    this.slow.set(receiver, (this.slow.get(receiver) ?? 0) + 1);
  }

  private endSlow(receiver: string): void {
    this.slowTotal -= 1;
    const left = this.slow.get(receiver)! - 1;
    if (left === 0) this.slow.delete(receiver);
    else this.slow.set(receiver, left);
  }
}
