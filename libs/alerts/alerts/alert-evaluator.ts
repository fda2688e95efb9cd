import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { EventListener, EventListeners, type RecordedRow } from '#events';
import { AlertRaiser } from './alert-raiser.js';
import { PriceWindowsRepository } from '../rules/price-windows.repository.js';
import { RuleBook } from '../rules/rule-book.js';

/** Event -> matches -> alerts -> deliveries, in the transaction that records the event. */
@Injectable()
export class AlertEvaluator extends EventListener implements OnModuleInit {
  readonly name = 'alerts';

  constructor(
    private readonly listeners: EventListeners,
    private readonly rules: RuleBook,
    private readonly prices: PriceWindowsRepository,
    private readonly raiser: AlertRaiser,
    @InjectMetric('alerts_evaluation_duration_seconds') private readonly duration: Histogram,
  ) {
    super();
  }

  onModuleInit(): void {
    this.listeners.add(this);
  }

  async recorded(events: readonly RecordedRow[]): Promise<void> {
    const stop = this.duration.startTimer();
    const index = await this.rules.current();
    const views = events.map((event) => index.view(event));
    const matches = index.match(views, await this.prices.load(index.windowNeeds(views)));
    stop();
    await this.raiser.raise(matches);
  }
}
