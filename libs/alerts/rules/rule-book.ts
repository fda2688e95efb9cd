import { Injectable, Logger } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { type Cache, Caches } from '#caching';
import { Clock } from '#time';
import { restrictedTypes } from '../alert-events.js';
import type { AlertRule } from './alert-rule.js';
import { storedConditionIssues } from '../conditions/condition-schema.js';
import { type RuleChange, RuleChangesRepository } from './rule-changes.repository.js';
import { RuleIndex } from './rule-index.js';

/** The key of the one index in the cache. */
const INDEX = 'enabled';
/** Estimate of a rule and its compiled condition. */
const RULE_BYTES = 4_000;

/** How long PostgreSQL keeps the note that a rule was deleted, for processes that have not read it, in ms. */
export const DELETED_RULES_MS = 24 * 3_600_000;
/** Time without a read after which all rules are read again, in ms: a note may have been removed unread. */
export const UNREAD_MS = 3_600_000;

export type Rules = RuleIndex<AlertRule>;

/**
 * Keeps the enabled rules, compiled, in memory. Each transaction that reads them verifies them: a change committed
 * before its statement is included, and a change that was rolled back never is. So no hint and no poll decides whether
 * a rule matches an event.
 */
@Injectable()
export class RuleBook {
  private readonly logger = new Logger('Alerts');
  private readonly rules = new Map<string, { revision: number; rule: AlertRule | null }>();
  /** Deleted rules, until the reads have ended that began before and may still see them: rule -> number of the next read. */
  private readonly deleted = new Map<string, number>();
  /** The numbers of the reads in progress, in their order. */
  private readonly reading = new Set<number>();
  private readonly cache: Cache<Rules>;
  private snapshot: string | undefined;
  private reads = 0;
  /** When the newest read began, ms: one that ends late has not seen what happened meanwhile. */
  private readAt = 0;
  /** How often all rules were forgotten. */
  private generation = 0;

  constructor(
    caches: Caches,
    private readonly repository: RuleChangesRepository,
    private readonly clock: Clock,
    @InjectMetric('alerts_rules') private readonly count: Gauge<'enabled'>,
  ) {
    // One entry, of any size: without it each batch of events would build the index again.
    this.cache = caches.open('alert_rules', {
      maxItems: 1,
      maxBytes: Infinity,
      sizeOf: () => this.rules.size * RULE_BYTES,
    });
  }

  /** The rules as the open transaction sees them. */
  async current(): Promise<Rules> {
    const { changes, settled } = await this.read();
    this.forgetDeleted();
    if (settled) void this.cache.invalidate(INDEX);
    const index = this.cache.getOrBuild(INDEX, () => this.build());
    const own = changes.filter((change) => change.own);
    return own.length === 0 ? index : this.withOwn(own);
  }

  /** Reads the changes and takes those that cannot roll back. @returns whether it took one */
  private async read(): Promise<{ changes: RuleChange[]; settled: boolean }> {
    const begunAt = this.clock.now().getTime();
    if (begunAt - this.readAt > UNREAD_MS) this.forgetAll();
    const { generation } = this;
    const number = this.reads++;
    this.reading.add(number);
    try {
      const { snapshot, changes } = await this.repository.read(this.snapshot);
      if (generation === this.generation) {
        this.readAt = Math.max(this.readAt, begunAt);
        this.snapshot = snapshot;
        return { changes, settled: changes.filter((change) => !change.own && this.take(change)).length > 0 };
      }
    } finally {
      this.reading.delete(number);
    }
    // All rules were forgotten meanwhile, and these are only changes of those before.
    return this.read();
  }

  private forgetAll(): void {
    this.generation += 1;
    this.readAt = this.clock.now().getTime();
    this.snapshot = undefined;
    this.rules.clear();
    this.deleted.clear();
    void this.cache.invalidate(INDEX);
  }

  private forgetDeleted(): void {
    const [oldest = this.reads] = this.reading;
    for (const [ruleId, next] of this.deleted) {
      if (next > oldest) return;
      this.deleted.delete(ruleId);
      this.rules.delete(ruleId);
    }
  }

  private build(): Rules {
    this.countRules();
    return indexOf([...this.rules.values()].map(({ rule }) => rule));
  }

  /** Not kept: the transaction may still roll back. */
  private withOwn(own: readonly RuleChange[]): Rules {
    const changed = new Set(own.map(({ ruleId }) => ruleId));
    const others = [...this.rules].filter(([id]) => !changed.has(id)).map(([, { rule }]) => rule);
    return indexOf([...others, ...own.map(({ rule }) => rule)]);
  }

  /** Two transactions may read at once and return in the other order: the newer revision of a rule stays. */
  private take({ ruleId, revision, rule }: RuleChange): boolean {
    const known = this.rules.get(ruleId);
    if (known !== undefined && known.revision >= revision) return false;
    this.rules.set(ruleId, { revision, rule: rule !== null && this.isReadable(rule) ? rule : null });
    if (rule === null) this.deleted.set(ruleId, this.reads);
    return true;
  }

  /** A condition written by another version of this program must not stop the events of the whole desk. */
  private isReadable(rule: AlertRule): boolean {
    const issues = storedConditionIssues(rule.condition);
    if (issues.length > 0)
      this.logger.error({ msg: 'an alert rule cannot be read and is left out', ruleId: rule.id, issues });
    return issues.length === 0;
  }

  private countRules(): void {
    const rules = [...this.rules.values()].flatMap(({ rule }) => (rule === null ? [] : [rule]));
    const enabled = rules.filter((rule) => rule.enabled).length;
    this.count.set({ enabled: 'true' }, enabled);
    this.count.set({ enabled: 'false' }, rules.length - enabled);
  }
}

function indexOf(rules: readonly (AlertRule | null)[]): Rules {
  const restricted = restrictedTypes();
  return new RuleIndex(rules.filter((rule) => rule?.enabled === true) as AlertRule[], (type) => restricted.has(type));
}
