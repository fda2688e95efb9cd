import { Logger } from '@nestjs/common';
import { withCorrelation } from '#telemetry';
import type { DemoDesk } from './demo-desk.js';
import type { DemoLock } from './demo-lock.js';

export interface DemoPace {
  tickMs: number;
  /** Ticks between two fills of orders. */
  ticksAFill: number;
  /** Ticks between two checks of expired sessions. */
  ticksARenewal: number;
  /** Ticks between two items of the newswire. */
  ticksAnItem: number;
  /** Pause after a failure or while the database is read-only, in ms. */
  pauseMs: number;
}

export const DEMO_PACE: DemoPace = { tickMs: 500, ticksAFill: 4, ticksARenewal: 10, ticksAnItem: 16, pauseMs: 5_000 };

/** Runs the demo, except while the database is read-only or unreachable, or while another process runs the demo. */
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

  /** Loads the demo data first, while the server already answers. */
  start(): void {
    this.next(0);
  }

  /** Waits for the current tick. The demo writes nothing afterwards. */
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

  /** @returns ms until the next tick */
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
      // Logged once: while the database is unreachable each tick fails in the same way.
      if (!this.failing) this.logger.warn({ msg: 'the demo desk pauses', error: (error as Error).message });
      this.failing = true;
      return this.pace.pauseMs;
    }
  }
}
