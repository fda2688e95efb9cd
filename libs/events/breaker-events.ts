import { Injectable, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Background, BackgroundTasks } from '#background';
import { Breakers, type BreakerTransition } from '#resilience';
import { uuid7 } from '#ids';
import { BreakerClosed, BreakerHalfOpen, BreakerOpened } from './breaker-event-types.js';
import { EventLog, type RecordedEvent } from './event-log.js';

const TYPES = { open: BreakerOpened, 'half-open': BreakerHalfOpen, closed: BreakerClosed } as const;
/** Maximum number of transitions kept while they cannot be recorded. Beyond it the oldest are dropped; the log has them. */
const MOST_WAITING = 100;
/** Records each transition of this process's breakers. Transitions wait while PostgreSQL cannot be reached. */
@Injectable()
export class BreakerEvents implements OnModuleInit, BeforeApplicationShutdown {
  private waiting: RecordedEvent[] = [];
  private unsubscribe: (() => void) | undefined;

  constructor(
    private readonly breakers: Breakers,
    private readonly events: EventLog,
    private readonly tasks: BackgroundTasks,
  ) {}

  onModuleInit(): void {
    this.unsubscribe = this.breakers.onTransition((transition) => this.moved(transition));
  }

  beforeApplicationShutdown(): void {
    this.unsubscribe?.();
  }

  private moved({ name, from, to, at, reason }: BreakerTransition): void {
    // The id is created here, so that a retry after a lost answer does not record the transition twice.
    this.waiting.push({ type: TYPES[to].type, id: uuid7(at), payload: { name, from, reason } });
    if (this.waiting.length > MOST_WAITING) this.waiting.shift();
    this.tasks.wake('events-breakers');
  }

  /** Runs in its own context. A breaker changes inside the failed call, whose transaction may be about to roll back. */
  @Background({
    name: 'events-breakers',
    every: 60_000,
    retry: 2_000,
    role: 'every-process',
    whenReadOnly: 'pause',
  })
  async recordWaiting(signal: AbortSignal): Promise<void> {
    while (this.waiting.length > 0 && !signal.aborted) {
      const batch = [...this.waiting];
      await this.events.recordMany(batch);
      this.waiting = this.waiting.filter((event) => !batch.includes(event));
    }
  }
}
