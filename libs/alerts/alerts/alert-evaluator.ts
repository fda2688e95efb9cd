import { Injectable, Inject, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Histogram } from 'prom-client';
import { DomainError } from '#errors';
import { EventListener, EventListeners, ListenerGaveUp, type RecordedRow } from '#events';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import type { Matched } from '../matching/candidates.js';
import { EvaluationKilled, RuleMatcher } from '../matching/rule-matcher.js';
import { RuleBook } from '../rules/rule-book.js';
import { AlertRaiser } from './alert-raiser.js';
import { RuleOverruns } from './rule-overruns.js';

/** Event -> matches -> alerts -> deliveries, in the transaction that records the event. */
@Injectable()
export class AlertEvaluator extends EventListener implements OnModuleInit {
  readonly name = 'alerts';

  constructor(
    private readonly listeners: EventListeners,
    private readonly rules: RuleBook,
    private readonly matcher: RuleMatcher,
    private readonly raiser: AlertRaiser,
    private readonly overruns: RuleOverruns,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
    @InjectMetric('alerts_evaluation_duration_seconds') private readonly duration: Histogram,
  ) {
    super();
  }

  onModuleInit(): void {
    this.listeners.add(this);
  }

  async recorded(events: readonly RecordedRow[], teller: 'recorder' | 'inbox'): Promise<void> {
    const stop = this.duration.startTimer();
    const { matches, overruns } = await this.match(events, teller);
    stop();
    this.overruns.note(overruns);
    await this.raiser.raise(matches);
  }

  /** @throws ListenerGaveUp when the recorder would wait too long, or an event has ended the thread */
  private async match(events: readonly RecordedRow[], teller: 'recorder' | 'inbox'): Promise<Matched> {
    const { recorderPatienceMs, inboxPatienceMs } = this.config;
    const patienceMs = teller === 'recorder' ? recorderPatienceMs : events.length > 1 ? inboxPatienceMs : Infinity;
    try {
      const run = { key: callerOf(events), patienceMs, whenLate: 'give-up' } as const;
      return await this.matcher.match(await this.rules.current(), events, run);
    } catch (error) {
      if (error instanceof EvaluationKilled) this.overruns.note(error.overrun === undefined ? [] : [error.overrun]);
      if (teller === 'recorder' && error instanceof DomainError && error.details.kind === 'unavailable')
        throw new ListenerGaveUp(error.code, undefined, { cause: error });
      throw error;
    }
  }
}

/** Events of one user wait in the queue of that user. */
function callerOf(events: readonly RecordedRow[]): string {
  const [first] = events;
  return events.every(({ userId }) => userId === first!.userId) ? (first!.userId ?? 'desk') : 'desk';
}
