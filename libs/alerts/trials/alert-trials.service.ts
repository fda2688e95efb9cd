import { Inject, Injectable } from '@nestjs/common';
import type { Principal } from '#auth';
import { ReadSnapshot } from '#database';
import { DeliveryLanes } from '#deliveries';
import { declaredEvents, EventsRepository } from '#events';
import { firstUuidFrom } from '#ids';
import { AlertChannels } from '../rules/alert-channels.js';
import type { AlertRule } from '../rules/alert-rule.js';
import { type RuleColumns, toColumns, toIssueView } from '../rules/alert-rule.dto.js';
import { AlertRulesService, ownerOf } from '../rules/alert-rules.service.js';
import type { AlertFormat } from '../messages/alert-message.js';
import type { Trial, TrialInput } from './alert-trial.dto.js';
import { trialMatches } from './alert-trial.js';
import { restrictedTypes } from '../alert-events.js';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import { evaluationStopped } from '../alerts.errors.js';
import { fold } from '../conditions/event-view.js';
import type { Matched } from '../matching/candidates.js';
import { EvaluationKilled, RuleMatcher } from '../matching/rule-matcher.js';
import { isVisible, RuleIndex, typesOf } from '../rules/rule-index.js';

const PAGE = 500;
const LONGEST_MS = 5_000;
type EventRow = Awaited<ReturnType<EventsRepository['page']>>[number];

const TEST_ID = '00000000-0000-7000-8000-000000000000';

/** Runs a rule over past events, in one snapshot, and raises nothing. */
@Injectable()
export class AlertTrials {
  constructor(
    private readonly rules: AlertRulesService,
    private readonly channels: AlertChannels,
    private readonly lanes: DeliveryLanes,
    private readonly events: EventsRepository,
    private readonly matcher: RuleMatcher,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  /**
   * Bounded by the number of events and by 5 s, checked for each event. @throws DomainError ALERTS_EVALUATION_STOPPED,
   * ALERTS_RULE_NOT_FOUND, ALERTS_DESK_FOR_OPERATORS, ALERTS_CHANNEL_UNKNOWN, ALERTS_FIELD_UNKNOWN
   */
  @ReadSnapshot()
  async run(principal: Principal, input: TrialInput): Promise<Trial> {
    const rule = await this.ruleOf(principal, input);
    const restricted = restrictedTypes();
    const index = new RuleIndex([rule], (type) => restricted.has(type));
    const most = Math.min(input.events, this.config.testEventsMax);
    const until = performance.now() + LONGEST_MS;
    const types = declaredTypesOf(rule);
    const filter = {
      types,
      userOrNobody: rule.userId ?? undefined,
      fromId: input.from && firstUuidFrom(input.from),
      toId: input.to && firstUuidFrom(input.to),
    };
    const matches: EventRow[] = [];
    let [scanned, exceeded, complete] = [0, 0, false];
    let oldest: EventRow | undefined;
    for (let read = 0; !complete && read < most && performance.now() < until;) {
      const limit = Math.min(PAGE, most - read);
      const page = await this.events.page({ ...filter, beforeId: oldest?.id, limit });
      const visible = page.filter((event) => isVisible(rule, event, restricted.has(event.type)));
      const tested = await this.match(index, visible, { key: principal.userId, patienceMs: until - performance.now() });
      const untested = page.findIndex(({ id }) => id === tested.untestedId);
      const done = untested < 0 ? page : page.slice(0, untested);
      matches.push(...done.filter(({ id }) => tested.matches.some(({ event }) => event.id === id)));
      scanned += done.filter((event) => visible.includes(event)).length;
      exceeded += tested.overruns.length;
      read += page.length;
      oldest = done.at(-1) ?? oldest;
      complete = untested < 0 && page.length < limit;
    }
    return {
      ...{ scanned, matched: matches.length, exceeded, complete },
      oldest: oldest?.occurredAt.toISOString() ?? null,
      issues: this.rules.issuesOf(rule).map(toIssueView),
      matches: trialMatches(rule, matches, await this.formatsOf(rule)),
    };
  }

  private async match(
    index: RuleIndex<AlertRule>,
    events: readonly EventRow[],
    run: { key: string; patienceMs: number },
  ): Promise<Matched> {
    try {
      return await this.matcher.match(index, events, { ...run, whenLate: 'return' });
    } catch (error) {
      throw error instanceof EvaluationKilled ? evaluationStopped(error) : error;
    }
  }

  private async ruleOf(principal: Principal, { rule, ruleId }: TrialInput): Promise<AlertRule> {
    if (ruleId !== undefined) return this.rules.visible(principal, ruleId);
    const { scope, ...given } = rule!;
    const userId = ownerOf(principal, scope);
    const columns = toColumns(given) as RuleColumns;
    this.rules.refuseUnknownFields(columns);
    await this.channels.check(given.channels, userId);
    const now = new Date();
    return { ...columns, id: TEST_ID, userId, builtIn: null, switchedOff: null, createdAt: now, updatedAt: now };
  }

  private async formatsOf(rule: AlertRule): Promise<AlertFormat[]> {
    const lanes = rule.builtIn !== null ? await this.lanes.operatorLanes() : await this.lanes.find(rule.channels);
    return lanes.length === 0 ? ['generic'] : [...new Set(lanes.map(({ format }) => format))];
  }
}

/** Type names as the event log spells them: rules ignore the case of a type. */
function declaredTypesOf(rule: AlertRule): string[] | undefined {
  const wanted = typesOf(rule.condition)?.map(fold);
  return wanted && [...new Set(declaredEvents().map(({ type }) => type))].filter((type) => wanted.includes(fold(type)));
}
