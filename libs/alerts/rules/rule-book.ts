import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { operatorEvents } from '#events';
import type { AlertRule } from './alert-rule.js';
import { conditionSchema } from '../conditions/condition-schema.js';
import { type RuleChange, RuleChangesRepository } from './rule-changes.repository.js';
import { RuleIndex } from './rule-index.js';

export type Rules = RuleIndex<AlertRule>;

/**
 * The enabled rules, held in memory and verified in each transaction that asks: what was committed before its statement
 * is in, what was rolled back never is. So no hint and no poll decides whether a rule matches an event.
 */
@Injectable()
export class RuleBook {
  private readonly logger = new Logger('Alerts');
  private readonly rules = new Map<string, { revision: number; rule: AlertRule | null }>();
  private index: Rules | undefined;
  private snapshot: string | undefined;

  constructor(
    private readonly repository: RuleChangesRepository,
    @InjectMetric('alerts_rules') private readonly count: Gauge<'enabled'>,
  ) {}

  /** The rules as the open transaction sees them. */
  async current(): Promise<Rules> {
    const { snapshot, changes } = await this.repository.read(this.snapshot);
    const settled = changes.filter((change) => !change.own && this.take(change));
    this.snapshot = snapshot;
    if (this.index === undefined || settled.length > 0) {
      this.index = indexOf([...this.rules.values()].map(({ rule }) => rule));
      this.countRules();
    }
    const own = changes.filter((change) => change.own);
    return own.length === 0 ? this.index : this.withOwn(own);
  }

  /** Not kept: that transaction may yet roll back. */
  private withOwn(own: readonly RuleChange[]): Rules {
    const changed = new Set(own.map(({ ruleId }) => ruleId));
    const others = [...this.rules].filter(([id]) => !changed.has(id)).map(([, { rule }]) => rule);
    return indexOf([...others, ...own.map(({ rule }) => rule)]);
  }

  /** Two transactions may read at once and come back in the other order: of a rule, the newer revision stays. */
  private take({ ruleId, revision, rule }: RuleChange): boolean {
    const known = this.rules.get(ruleId);
    if (known !== undefined && known.revision >= revision) return false;
    this.rules.set(ruleId, { revision, rule: rule !== null && this.isReadable(rule) ? rule : null });
    return true;
  }

  /** A condition of another version of this program must not stop the events of the whole desk. */
  private isReadable(rule: AlertRule): boolean {
    const result = conditionSchema.safeParse(rule.condition);
    if (!result.success)
      this.logger.error({
        msg: 'an alert rule cannot be read and is left out',
        ruleId: rule.id,
        issues: result.error.issues,
      });
    return result.success;
  }

  private countRules(): void {
    const rules = [...this.rules.values()].flatMap(({ rule }) => (rule === null ? [] : [rule]));
    const enabled = rules.filter((rule) => rule.enabled).length;
    this.count.set({ enabled: 'true' }, enabled);
    this.count.set({ enabled: 'false' }, rules.length - enabled);
  }
}

function indexOf(rules: readonly (AlertRule | null)[]): Rules {
  const operatorTypes = new Set(operatorEvents().map(({ type }) => type));
  return new RuleIndex(rules.filter((rule) => rule?.enabled === true) as AlertRule[], (type) =>
    operatorTypes.has(type),
  );
}
