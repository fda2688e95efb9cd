import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Database } from '#database';
import { Breakers, type BreakerTransition } from '#resilience';
import { withCorrelation } from '#telemetry';
import { uuid7 } from '#ids';
import { BreakerClosed, BreakerHalfOpen, BreakerOpened } from './breaker-event-types.js';
import { EventLog, type RecordedEvent } from './event-log.js';

const TYPES = { open: BreakerOpened, 'half-open': BreakerHalfOpen, closed: BreakerClosed } as const;
/** What could not be recorded waits for the next try; past so many the oldest are dropped: the log line is there. */
const MOST_WAITING = 100;
const AGAIN_MS = 2_000;

/** Records each transition of this process's breakers. When it is PostgreSQL that is away they wait for it. */
@Injectable()
export class BreakerEvents implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger(BreakerEvents.name);
  private waiting: RecordedEvent[] = [];
  private unsubscribe: (() => void) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private recording: Promise<void> | undefined;
  private stopped = false;

  constructor(
    private readonly breakers: Breakers,
    private readonly events: EventLog,
    private readonly database: Database,
  ) {}

  onModuleInit(): void {
    this.unsubscribe = this.breakers.onTransition((transition) => this.moved(transition));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    this.unsubscribe?.();
    clearTimeout(this.timer);
    await this.recording;
  }

  private moved({ name, from, to, at, reason }: BreakerTransition): void {
    // The id is made now: a try whose commit was real though its answer was lost is not recorded twice.
    this.waiting.push({ type: TYPES[to].type, id: uuid7(at), payload: { name, from, reason } });
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    this.record();
  }

  /** In a context of its own: a breaker moves inside whatever call failed, maybe in a transaction that is about to roll back. */
  private record(): void {
    if (this.stopped || this.recording !== undefined || this.waiting.length === 0) return;
    clearTimeout(this.timer);
    this.recording = withCorrelation(undefined, () => this.recordAll()).finally(() => (this.recording = undefined));
  }

  private async recordAll(): Promise<void> {
    while (this.waiting.length > 0 && !this.database.readOnly) {
      const batch = [...this.waiting];
      try {
        await this.events.recordMany(batch);
      } catch (error) {
        this.logger.warn({
          msg: 'breaker events could not be recorded; trying again',
          count: batch.length,
          err: error,
        });
        break;
      }
      this.waiting = this.waiting.filter((event) => !batch.includes(event));
    }
    if (this.waiting.length > 0 && !this.stopped) this.timer = setTimeout(() => this.record(), AGAIN_MS).unref();
  }
}
