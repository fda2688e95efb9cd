import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail, isOperator, ownedBy, type Principal } from '#auth';
import { Atomic } from '#database';
import { declaredEvents } from '#events';
import { pageFrom } from '#http';
import { Quotas } from '#quotas';
import { AlertChannels } from './alert-channels.js';
import type { AlertRule } from './alert-rule.js';
import { askedOwner } from './asked-owner.js';
import {
  type RuleColumns,
  type RuleInput,
  type RulePatch,
  type RulesPage,
  ruleOrder,
  type RulesQuery,
  type RuleView,
  toColumns,
  toRuleView,
} from './alert-rule.dto.js';
import { AlertRulesRepository } from './alert-rules.repository.js';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import {
  builtInRule,
  deskIsForOperators,
  ruleNotFound,
  tooLargePatterns,
  tooLargeRules,
  tooManyRules,
  unknownFields,
} from '../alerts.errors.js';
import { EventFields } from '../conditions/event-fields.js';
import { type RuleIssue, ruleIssues } from './rule-issues.js';

type NamedParts = Parameters<typeof ruleIssues>[0];

const OF_BUILT_IN: readonly string[] = ['name', 'condition', 'channels'];
/** The parts of a patch that may make the rule larger. */
const OF_SIZE = ['name', 'condition', 'message', 'quietHours'] as const;

/** Writes rules. Users write their own, operators also those of the desk. */
@Injectable()
export class AlertRulesService {
  constructor(
    private readonly rules: AlertRulesRepository,
    private readonly channels: AlertChannels,
    private readonly quotas: Quotas,
    private readonly audit: AuditTrail,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  /** @throws DomainError ALERTS_DESK_FOR_OPERATORS, ALERTS_CHANNEL_UNKNOWN, ALERTS_FIELD_UNKNOWN, ALERTS_TOO_MANY_RULES, ALERTS_RULES_TOO_LARGE */
  @Atomic()
  async create(principal: Principal, { scope, ...rule }: RuleInput): Promise<RuleView> {
    const userId = ownerOf(principal, scope);
    const columns = toColumns(rule) as RuleColumns;
    this.refuseUnknownFields(columns);
    await this.channels.check(rule.channels, userId);
    await this.refuseLargePatterns(userId, columns.patternSize);
    const added = await this.rules.insert(userId, columns);
    await this.quotas.keep({
      name: 'alert_rules',
      owner: userId,
      max: this.config.maxRules,
      count: () => this.rules.count(userId),
      refusal: () => tooManyRules(this.config.maxRules),
    });
    await this.keepBytes(userId);
    await this.audit.record({
      action: 'rule_made',
      subject: { kind: 'alert_rule', id: added.id },
      ownerId: userId,
      after: factsOf(added),
    });
    return this.view(added);
  }

  /** Users list their own rules; operators list all, or those of one user or the desk. @throws DomainError ALERTS_NOT_YOURS */
  async list(principal: Principal, query: RulesQuery): Promise<RulesPage> {
    const { enabled, severity, sort, limit, cursor } = query;
    const rows = await this.rules.page({
      userId: askedOwner(principal, query),
      enabled,
      severities: severity,
      sort,
      after: cursor,
      limit: limit + 1,
    });
    return pageFrom(
      rows,
      limit,
      ({ id, name }) => ruleOrder.keyOf(sort, id, { createdAt: '', name }),
      (rule) => this.view(rule),
    );
  }

  async get(principal: Principal, id: string): Promise<RuleView> {
    return this.view(await this.visible(principal, id));
  }

  /** @throws DomainError ALERTS_RULE_NOT_FOUND, ALERTS_RULE_BUILT_IN, ALERTS_CHANNEL_UNKNOWN, ALERTS_FIELD_UNKNOWN */
  @Atomic()
  async change(principal: Principal, id: string, patch: RulePatch): Promise<RuleView> {
    const rule = await this.visible(principal, id);
    const fixed = rule.builtIn === null ? [] : Object.keys(patch).filter((field) => OF_BUILT_IN.includes(field));
    if (fixed.length > 0) throw builtInRule(rule.name, fixed);
    if (patch.channels !== undefined) await this.channels.check(patch.channels, rule.userId);
    const columns = toColumns(patch);
    this.refuseUnknownFields({ ...rule, ...columns }, (issue) => isOfPatch(issue, patch) || !this.has(rule, issue));
    if (columns.patternSize !== undefined) await this.refuseLargePatterns(rule.userId, columns.patternSize, id);
    const changed = await this.rules.update(id, columns);
    if (changed === undefined) throw ruleNotFound(id);
    if (rule.builtIn === null && OF_SIZE.some((field) => patch[field] !== undefined)) await this.keepBytes(rule.userId);
    await this.audit.record({
      action: 'rule_changed',
      subject: { kind: 'alert_rule', id },
      ownerId: rule.userId,
      before: factsOf(rule),
      after: { ...factsOf(changed), changed: Object.keys(patch) },
    });
    return this.view(changed);
  }

  /** @throws DomainError ALERTS_RULE_NOT_FOUND, ALERTS_RULE_BUILT_IN */
  @Atomic()
  async remove(principal: Principal, id: string): Promise<void> {
    const rule = await this.visible(principal, id);
    if (rule.builtIn !== null) throw builtInRule(rule.name, []);
    if (!(await this.rules.remove(id))) throw ruleNotFound(id);
    await this.audit.record({
      action: 'rule_removed',
      subject: { kind: 'alert_rule', id },
      ownerId: rule.userId,
      before: factsOf(rule),
    });
  }

  /** The fields that a rule names and that some or all of its events lack. */
  issuesOf(rule: NamedParts): RuleIssue[] {
    return ruleIssues(rule, EventFields.of(declaredEvents()));
  }

  /**
   * Refuses a rule that can never match or never make a message.
   * @param counts the issues that refuse it. Default: all
   * @throws DomainError ALERTS_FIELD_UNKNOWN with the position and the available fields
   */
  refuseUnknownFields(rule: NamedParts, counts: (issue: RuleIssue) => boolean = () => true): void {
    const unknown = this.issuesOf(rule).filter((issue) => issue.isUnknown && counts(issue));
    if (unknown.length === 0) return;
    throw unknownFields(unknown.map(({ field, seen, problem }) => ({ field, seen, allowed: problem })));
  }

  /** @param size of the rule that is written. @throws DomainError ALERTS_PATTERNS_TOO_LARGE */
  private async refuseLargePatterns(userId: string | null, size: number, id?: string): Promise<void> {
    if (size === 0) return;
    const total = size + (await this.rules.patternSize(userId, id));
    if (total > this.config.patternSizePerUser) throw tooLargePatterns(total, this.config.patternSizePerUser);
  }

  /** @throws DomainError ALERTS_RULES_TOO_LARGE */
  private keepBytes(userId: string | null): Promise<void> {
    const max = this.config.ruleBytesPerUser;
    return this.quotas.keep({
      name: 'alert_rule_bytes',
      owner: userId,
      max,
      count: () => this.rules.bytes(userId),
      refusal: (bytes) => tooLargeRules(bytes, max),
    });
  }

  private view(rule: AlertRule): RuleView {
    return toRuleView(rule, this.issuesOf(rule));
  }

  private has(rule: AlertRule, { field, seen }: RuleIssue): boolean {
    return this.issuesOf(rule).some((issue) => issue.isUnknown && issue.field === field && issue.seen === seen);
  }

  /** A rule of another user is reported as missing, so its existence is not revealed. */
  async visible(principal: Principal, id: string): Promise<AlertRule> {
    const rule = await this.rules.find(id);
    if (rule === undefined || !ownedBy(principal, rule)) throw ruleNotFound(id);
    return rule;
  }
}

/** Description of a rule for the audit trail: without its condition, whose values are the user's own text. */
function factsOf({ name, severity, enabled, channels }: AlertRule): Record<string, unknown> {
  return { name, severity, enabled, channels };
}

/** Whether an issue lies in a part of the rule that the patch writes. */
function isOfPatch({ field }: RuleIssue, patch: RulePatch): boolean {
  return patch[/^\w+/.exec(field)![0] as keyof RulePatch] !== undefined;
}

/** @throws DomainError ALERTS_DESK_FOR_OPERATORS */
export function ownerOf(principal: Principal, scope: 'mine' | 'desk'): string | null {
  if (scope === 'mine') return principal.userId;
  if (!isOperator(principal)) throw deskIsForOperators();
  return null;
}
