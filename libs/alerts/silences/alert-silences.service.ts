import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail, ownedBy, type Principal } from '#auth';
import { Atomic } from '#database';
import { pageFrom } from '#http';
import { Quotas } from '#quotas';
import { Clock } from '#time';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import { silenceNotFound, silenceTimeRefused, tooManySilences } from '../alerts.errors.js';
import { askedOwner } from '../rules/asked-owner.js';
import { AlertRulesService, ownerOf } from '../rules/alert-rules.service.js';
import {
  type SilenceInput,
  type SilencePatch,
  type SilencesPage,
  type SilencesQuery,
  type SilenceView,
  toSilenceView,
} from './alert-silence.dto.js';
import { AlertSilencesRepository, type SilenceRow } from './alert-silences.repository.js';

/** Longest silence. A rule that is silent for longer is better disabled. */
const LONGEST_MS = 366 * 86_400_000;

/**
 * Silences: alerts that are recorded and shown, but not sent. Each belongs to the owner of the rules that it silences.
 */
@Injectable()
export class AlertSilences {
  constructor(
    private readonly silences: AlertSilencesRepository,
    private readonly rules: AlertRulesService,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  /** @throws DomainError ALERTS_RULE_NOT_FOUND, ALERTS_DESK_FOR_OPERATORS, ALERTS_TOO_MANY_SILENCES, REQUEST_INVALID */
  @Atomic()
  async create(principal: Principal, given: SilenceInput): Promise<SilenceView> {
    const now = this.clock.now();
    const until = this.checkedEnd(given.until, now);
    const userId =
      given.ruleId === undefined
        ? ownerOf(principal, given.scope ?? 'mine')
        : (await this.rules.visible(principal, given.ruleId)).userId;
    const { ruleId = null, instrumentId = null, ticker = null, reason } = given;
    const added = await this.silences.insert({
      ...{ userId, ruleId, instrumentId, ticker, reason, until },
      createdBy: principal.userId,
    });
    await this.keepQuota(userId, now);
    await this.silences.removeEnded(userId, now, this.config.maxSilences);
    await this.recorded('silence_made', added, { after: factsOf(added) });
    return toSilenceView(added, now);
  }

  /** Users list their own silences; operators list all, or those of one user or the desk. @throws DomainError ALERTS_NOT_YOURS */
  async list(principal: Principal, query: SilencesQuery): Promise<SilencesPage> {
    const { ruleId, instrumentId, ticker, state, limit, cursor } = query;
    const now = this.clock.now();
    const rows = await this.silences.page({
      userId: askedOwner(principal, query),
      ...{ ruleIds: ruleId, instrumentIds: instrumentId, tickers: ticker, state, now },
      ...{ beforeId: cursor, limit: limit + 1 },
    });
    return pageFrom(
      rows,
      limit,
      ({ id }) => id,
      (row) => toSilenceView(row, now),
    );
  }

  async get(principal: Principal, id: string): Promise<SilenceView> {
    return toSilenceView(await this.visible(principal, id), this.clock.now());
  }

  /** @throws DomainError ALERTS_SILENCE_NOT_FOUND, ALERTS_TOO_MANY_SILENCES, REQUEST_INVALID */
  @Atomic()
  async change(principal: Principal, id: string, { until, reason }: SilencePatch): Promise<SilenceView> {
    const before = await this.visible(principal, id);
    const now = this.clock.now();
    const end = until === undefined ? undefined : this.checkedEnd(until, now);
    const changed = await this.silences.update(id, {
      ...(end === undefined ? {} : { until: end }),
      ...(reason === undefined ? {} : { reason }),
    });
    if (changed === undefined) throw silenceNotFound(id);
    if (end !== undefined && end < before.until) await this.silences.endWindows(before, end);
    const isActiveAgain = end !== undefined && before.until <= now;
    if (isActiveAgain) await this.keepQuota(before.userId, now);
    await this.recorded('silence_changed', changed, { before: factsOf(before), after: factsOf(changed) });
    return toSilenceView(changed, now);
  }

  /** Ends a silence: the next alert is sent. @throws DomainError ALERTS_SILENCE_NOT_FOUND */
  @Atomic()
  async remove(principal: Principal, id: string): Promise<void> {
    const silence = await this.visible(principal, id);
    if (!(await this.silences.remove(id))) throw silenceNotFound(id);
    await this.silences.endWindows(silence, this.clock.now());
    await this.recorded('silence_ended', silence, { before: factsOf(silence) });
  }

  private async visible(principal: Principal, id: string): Promise<SilenceRow> {
    const silence = await this.silences.find(id);
    if (silence === undefined || !ownedBy(principal, silence)) throw silenceNotFound(id);
    return silence;
  }

  private keepQuota(owner: string | null, now: Date): Promise<void> {
    const max = this.config.maxSilences;
    return this.quotas.keep({
      name: 'alert_silences',
      owner,
      max,
      count: () => this.silences.count(owner, now),
      refusal: () => tooManySilences(max),
    });
  }

  private checkedEnd(until: string, now: Date): Date {
    const end = new Date(until);
    const latest = new Date(now.getTime() + LONGEST_MS);
    if (!(end > now && end <= latest)) throw silenceTimeRefused(until, now, latest);
    return end;
  }

  private recorded(action: Act['action'], { id, userId }: SilenceRow, facts: { before?: Facts; after?: Facts }) {
    return this.audit.record({ action, subject: { kind: 'alert_silence', id }, ownerId: userId, ...facts });
  }
}

type Act = Parameters<AuditTrail['record']>[number];
type Facts = Record<string, unknown>;

/** Description of a silence for the audit trail: without its reason, which is the user's own text. */
function factsOf({ ruleId, instrumentId, ticker, until }: SilenceRow): Facts {
  return { ruleId, instrumentId, ticker, until: until.toISOString() };
}
