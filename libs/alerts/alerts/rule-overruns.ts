import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import { LRUCache } from 'lru-cache';
import type { Counter } from 'prom-client';
import { Background, BackgroundTasks } from '#background';
import { Atomic } from '#database';
import { EventLog } from '#events';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import { AlertRuleSwitchedOff } from '../alert-events.js';
import type { RuleOverrun } from '../matching/candidates.js';
import { AlertRaiser } from './alert-raiser.js';
import { RuleOverrunsRepository } from './rule-overruns.repository.js';

/** Maximum number of remembered pairs of rule and event: a batch that is evaluated again counts once. */
const MAX_REMEMBERED = 10_000;

/**
 * Counts the events on which a rule exceeds its time, and switches the rule off when it does so repeatedly. Its owner
 * and the operators each get an alert. Runs in transactions of its own, because that of the event may roll back.
 */
@Injectable()
export class RuleOverruns {
  private readonly logger = new Logger('Alerts');
  private readonly remembered = new LRUCache<string, true>({ max: MAX_REMEMBERED });
  private readonly waiting = new Map<string, { events: number; last: RuleOverrun }>();

  constructor(
    private readonly repository: RuleOverrunsRepository,
    private readonly events: EventLog,
    private readonly raiser: AlertRaiser,
    private readonly tasks: BackgroundTasks,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
    @InjectMetric('alerts_rule_overruns_total') private readonly overruns: Counter<'limit'>,
    @InjectMetric('alerts_rules_switched_off_total') private readonly switchedOff: Counter,
  ) {}

  note(overruns: readonly RuleOverrun[]): void {
    for (const overrun of overruns) {
      this.overruns.inc({ limit: overrun.why });
      const { id } = overrun.rule;
      const again = `${id} ${overrun.eventId}`;
      // A second kill by the same event is another one.
      if (overrun.why !== 'killed' && this.remembered.has(again)) continue;
      this.remembered.set(again, true);
      this.waiting.set(id, { events: (this.waiting.get(id)?.events ?? 0) + 1, last: overrun });
    }
    if (overruns.length > 0) this.tasks.wake('alerts-rule-overruns');
  }

  @Background({
    name: 'alerts-rule-overruns',
    every: 60_000,
    retry: 2_000,
    role: 'every-process',
    whenReadOnly: 'pause',
  })
  async count(signal: AbortSignal): Promise<void> {
    for (const [id, { events, last }] of this.waiting) {
      if (signal.aborted) return;
      this.waiting.delete(id);
      try {
        await this.countOne(id, events, last);
      } catch (error) {
        this.waiting.set(id, { events: events + (this.waiting.get(id)?.events ?? 0), last });
        throw error;
      }
    }
  }

  @Atomic()
  protected async countOne(id: string, events: number, { why, ms }: RuleOverrun): Promise<void> {
    const total = await this.repository.add(id, events);
    if (total === undefined || total <= this.config.overrunsPerDay) return;
    const limitMs = why === 'owner' ? this.config.ownerMs : this.config.ruleMs;
    const reason = `The evaluation of the rule exceeded its time limit on ${total} events within a day (${limitMs} ms of CPU for an event).`;
    const rule = await this.repository.switchOff(id, reason);
    if (rule === undefined) return;
    this.switchedOff.inc();
    this.logger.warn({
      msg: 'an alert rule was switched off',
      ruleId: id,
      userId: rule.userId,
      events: total,
      why,
      ms,
    });
    const payload = { ruleId: id, ruleName: rule.name, reason, events: total };
    const userId = rule.userId ?? undefined;
    const receipt = await this.events.record({
      type: AlertRuleSwitchedOff.type,
      payload,
      ...(userId !== undefined && { userId }),
    });
    if (userId === undefined) return;
    const event = {
      ...{ id: receipt.id, type: AlertRuleSwitchedOff.type, broker: null, userId, instrumentId: null },
      ...{ correlationId: null, payload, occurredAt: new Date() },
    };
    // By the rule itself: its owner, its channels. Not by its text, which is about other events.
    const plain = { titleTemplate: null, bodyTemplate: null, quietHours: null, dedupeSeconds: 0 };
    await this.raiser.raise([{ rule: { ...rule, ...plain, severity: 'warning' }, event }]);
  }
}
