import { Inject, Injectable, Logger } from '@nestjs/common';
import { DomainError } from '#errors';
import { ListenerGaveUp } from '#events';
import { Threads, threadTask } from '#threads';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import type { AlertEvent } from '../conditions/event-view.js';
import type { AlertRule } from '../rules/alert-rule.js';
import { PriceWindowsRepository } from '../rules/price-windows.repository.js';
import type { RuleIndex } from '../rules/rule-index.js';
import { Candidates, type Matched, type RuleOverrun } from './candidates.js';
import matchEvents, { type MatchAnswer, type MatchCall } from './match-events.js';

export interface MatchRun {
  /** Key of the turns for a thread. */
  key: string;
  /** Maximum time, in ms. */
  patienceMs: number;
  /** When the time is up: fail, or return the results so far. */
  whenLate: 'give-up' | 'return';
}

/** The evaluation of an event has ended its thread: by the deadline, by the heap limit, or by a crash. */
export class EvaluationKilled extends ListenerGaveUp {
  constructor(
    readonly overrun: RuleOverrun | undefined,
    eventId: string | undefined,
    cause: DomainError,
  ) {
    super(cause.code, eventId, { cause });
  }
}

/** A run ends by itself after a slice of time, so the deadline and the heap limit are for a fault of the engine only. */
const matchEventsTask = threadTask<typeof matchEvents>({
  name: 'alerts-match',
  module: import.meta.resolve('./match-events.js'),
  deadlineMs: 10_000,
  heapMb: 256,
  maxThreads: 2,
});

const KILLS: readonly string[] = ['THREADS_DEADLINE_EXCEEDED', 'THREADS_OUT_OF_MEMORY', 'THREADS_CRASHED'];

/**
 * Finds the rules that match events. Rules that people wrote are tested in a worker thread, in slices of time, so neither
 * their patterns nor their number hold the event loop; built-in ones are one comparison of the type.
 */
@Injectable()
export class RuleMatcher {
  private readonly logger = new Logger('Alerts');

  constructor(
    private readonly threads: Threads,
    private readonly prices: PriceWindowsRepository,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  /**
   * Returns results in the order of the events.
   * @throws EvaluationKilled; ListenerGaveUp without an event when it takes too long and `onTimeUp` is to fail
   * @throws DomainError THREADS_BUSY, THREADS_STOPPING
   */
  async match(index: RuleIndex<AlertRule>, events: readonly AlertEvent[], run: MatchRun): Promise<Matched> {
    const views = events.map((event) => index.view(event));
    const candidates = new Candidates(index, views);
    const windows = await this.prices.load(index.windowNeeds(views));
    const { ruleMs, ownerMs, sliceMs } = this.config;
    const progress = new Int32Array(new SharedArrayBuffer(8)).fill(-1);
    const call: MatchCall = {
      ...{
        events: candidates.events,
        handles: candidates.handles,
        units: candidates.units,
        from: 0,
        rules: new Map(),
        windows,
        progress,
      },
      limits: { ruleMs, ownerMs, sliceMs },
    };
    const until = performance.now() + run.patienceMs;
    while (call.from < call.units.length) {
      if (performance.now() > until) {
        if (run.whenLate === 'return') break;
        throw new ListenerGaveUp('the evaluation of alert rules takes too long');
      }
      const answer = await this.test(call, run, candidates);
      call.rules = new Map('missing' in answer ? candidates.conditionsOf(answer.missing) : []);
      if ('missing' in answer) continue;
      candidates.take(answer);
      call.from = answer.next;
      for (const { rule, message } of answer.failures)
        this.logger.error({ msg: 'an alert rule cannot be tested', ruleId: candidates.rule(rule).id, why: message });
    }
    return candidates.result(call.from);
  }

  private async test(call: MatchCall, run: MatchRun, candidates: Candidates): Promise<MatchAnswer> {
    if (!this.config.inThread) return matchEvents(call);
    try {
      return await this.threads.run(matchEventsTask, call, {
        key: run.key,
        ...(Number.isFinite(run.patienceMs) && { maxWaitMs: Math.max(1, run.patienceMs) }),
        deadlineMs: this.config.deadlineMs,
      });
    } catch (error) {
      if (!(error instanceof DomainError) || !KILLS.includes(error.code)) throw error;
      const [event, place] = call.progress;
      const eventId = (call.events[event!] ?? (call.events.length === 1 ? call.events[0] : undefined))?.id;
      const rule = place === -1 ? undefined : candidates.rule(place!);
      const overrun = rule && eventId !== undefined ? { rule, eventId, why: 'killed' as const, ms: 0 } : undefined;
      throw new EvaluationKilled(overrun, eventId, error);
    }
  }
}
