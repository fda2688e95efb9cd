import { Inject, Injectable } from '@nestjs/common';
import { isOperator, ownedBy, type Principal } from '#auth';
import { Atomic } from '#database';
import { pageFrom } from '#http';
import { AlertChannels } from './alert-channels.js';
import type { AlertRule } from './alert-rule.js';
import {
  type RuleColumns,
  type RuleInput,
  type RulePatch,
  type RulesPage,
  type RulesQuery,
  type RuleView,
  toColumns,
  toRuleView,
} from './alert-rule.dto.js';
import { AlertRulesRepository } from './alert-rules.repository.js';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import { builtInRule, deskIsForOperators, othersAlerts, ruleNotFound, tooManyRules } from '../alerts.errors.js';

const OF_BUILT_IN: readonly string[] = ['name', 'condition', 'channels'];

/** Writes rules: a user theirs, operators also the desk's. */
@Injectable()
export class AlertRulesService {
  constructor(
    private readonly rules: AlertRulesRepository,
    private readonly channels: AlertChannels,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  /** @throws DomainError ALERTS_DESK_FOR_OPERATORS, ALERTS_CHANNEL_UNKNOWN, ALERTS_TOO_MANY_RULES */
  @Atomic()
  async create(principal: Principal, { scope, ...rule }: RuleInput): Promise<RuleView> {
    const userId = ownerOf(principal, scope);
    await this.channels.check(rule.channels, userId);
    if ((await this.rules.count(userId)) >= this.config.rulesMax) throw tooManyRules(this.config.rulesMax);
    return toRuleView(await this.rules.insert(userId, toColumns(rule) as RuleColumns));
  }

  /** One's own; operators see all, and may name a user or the desk. @throws DomainError ALERTS_NOT_YOURS */
  async list(principal: Principal, { user, scope, limit, cursor }: RulesQuery): Promise<RulesPage> {
    const operator = isOperator(principal);
    if (!operator && (scope === 'desk' || (user !== undefined && user.toLowerCase() !== principal.userId)))
      throw othersAlerts();
    const asked = scope === 'desk' ? null : scope === 'mine' ? principal.userId : user;
    const rows = await this.rules.page({
      userId: operator ? asked : principal.userId,
      afterId: cursor,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, toRuleView);
  }

  async get(principal: Principal, id: string): Promise<RuleView> {
    return toRuleView(await this.visible(principal, id));
  }

  /** @throws DomainError ALERTS_RULE_NOT_FOUND, ALERTS_RULE_BUILT_IN, ALERTS_CHANNEL_UNKNOWN */
  @Atomic()
  async change(principal: Principal, id: string, patch: RulePatch): Promise<RuleView> {
    const rule = await this.visible(principal, id);
    const fixed = rule.builtIn === null ? [] : Object.keys(patch).filter((field) => OF_BUILT_IN.includes(field));
    if (fixed.length > 0) throw builtInRule(rule.name, fixed);
    if (patch.channels !== undefined) await this.channels.check(patch.channels, rule.userId);
    const changed = await this.rules.update(id, toColumns(patch));
    if (changed === undefined) throw ruleNotFound(id);
    return toRuleView(changed);
  }

  /** @throws DomainError ALERTS_RULE_NOT_FOUND, ALERTS_RULE_BUILT_IN */
  async remove(principal: Principal, id: string): Promise<void> {
    const rule = await this.visible(principal, id);
    if (rule.builtIn !== null) throw builtInRule(rule.name, []);
    if (!(await this.rules.remove(id))) throw ruleNotFound(id);
  }

  /** A rule of another user is reported as missing, so its existence is not revealed. */
  async visible(principal: Principal, id: string): Promise<AlertRule> {
    const rule = await this.rules.find(id);
    if (rule === undefined || !ownedBy(principal, rule)) throw ruleNotFound(id);
    return rule;
  }
}

/** @throws DomainError ALERTS_DESK_FOR_OPERATORS */
export function ownerOf(principal: Principal, scope: 'mine' | 'desk'): string | null {
  if (scope === 'mine') return principal.userId;
  if (!isOperator(principal)) throw deskIsForOperators();
  return null;
}
