import { Logger } from '@nestjs/common';
import { withCorrelation } from '#telemetry';
import type { DemoDesk } from './demo-desk.js';
import type { DemoLock } from './demo-lock.js';

export interface DemoPace {
  tickMs: number;
  /** Every so many ticks an order fills. */
  ticksAFill: number;
  /** Every so many ticks sessions are looked at. */
  ticksARenewal: number;
  /** Every so many ticks the newswire has something new. */
  ticksAnItem: number;
  /** After a failure, or while the database is read-only, it is quiet for so long. */
  pauseMs: number;
}

export const DEMO_PACE: DemoPace = { tickMs: 500, ticksAFill: 4, ticksARenewal: 10, ticksAnItem: 16, pauseMs: 5_000 };

/** Moves the demo desk for as long as it may: not while the database is read-only, away, or moved by another process. */
export class DemoDriver {
  private readonly logger = new Logger('Demo');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private stopped = false;
  private ticks = 0;
  private failing = false;
  private loaded = false;

  constructor(
    private readonly desk: Pick<DemoDesk, 'load' | 'moveQuotes' | 'fill' | 'renewSessions' | 'publishNews'>,
    private readonly lock: Pick<DemoLock, 'take' | 'release'>,
    private readonly readOnly: () => boolean,
    private readonly pace: DemoPace = DEMO_PACE,
    private readonly now: () => Date = () => new Date(),
  ) {}

  /** Loads the desk first, behind the server that is already answering. */
  start(): void {
    this.next(0);
  }

  /** The tick that runs is awaited; nothing of the demo is written afterwards. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
    await this.lock.release();
  }

  private next(afterMs: number): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.running = withCorrelation(undefined, () => this.tick()).then((wait) => this.next(wait));
    }, afterMs);
  }

  /** @returns how long to wait until the next */
  private async tick(): Promise<number> {
    if (this.readOnly()) return this.pace.pauseMs;
    try {
      if (!(await this.lock.take())) return this.pace.pauseMs;
      const now = this.now();
      if (!this.loaded) await this.desk.load(now);
      this.loaded = true;
      this.ticks++;
      await this.desk.moveQuotes(now);
      if (this.ticks % this.pace.ticksAFill === 0) await this.desk.fill(now);
      if (this.ticks % this.pace.ticksARenewal === 0) await this.desk.renewSessions(now);
      if (this.ticks % this.pace.ticksAnItem === 0) this.desk.publishNews(now);
      if (this.failing) this.logger.log('the demo desk moves again');
      this.failing = false;
      return this.pace.tickMs;
    } catch (error) {
      // Said once: while the database is away each tick would say the same.
      if (!this.failing) this.logger.warn({ msg: 'the demo desk pauses', error: (error as Error).message });
      this.failing = true;
      return this.pace.pauseMs;
    }
  }
}
