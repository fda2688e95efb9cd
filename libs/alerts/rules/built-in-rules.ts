import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, Startup } from '#database';
import { operatorEvents } from '#events';
import { EventFields } from '../conditions/event-fields.js';
import { AlertRulesRepository } from './alert-rules.repository.js';

/**
 * Repeated operator events about the same subject within this window become one alert. An event with the start of a
 * state is never a repetition, because the last alert must show the current state.
 */
const DEDUPE_S = 300;
/** Each rule takes those that its type of event has. */
const DEDUPE_BY = [
  'payload.endpointId',
  'payload.since',
  'payload.sourceId',
  'payload.ruleId',
  'payload.name',
  'payload.month',
];

/** A rule of the desk for each type of operator event: a new type has its rule from the next start on. */
@Injectable()
export class BuiltInRules implements OnModuleInit {
  constructor(
    private readonly rules: AlertRulesRepository,
    private readonly database: Database,
    private readonly startup: Startup,
  ) {}

  onModuleInit(): void {
    this.startup.addStep('checks', 'built-in alert rules', async () => {
      if (!this.database.readOnly) await this.add();
    });
  }

  /** @returns how many were not there yet */
  add(): Promise<number> {
    return this.rules.addBuiltIn(
      operatorEvents().map(({ type, operator, payload }) => ({
        type,
        name: `Desk: ${type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()}`,
        severity: operator,
        condition: { op: 'equals', field: 'type', value: type, caseSensitive: true },
        dedupeSeconds: DEDUPE_S,
        dedupeBy: DEDUPE_BY.filter((path) => EventFields.of([{ type, payload }])[0]!.has(path)),
      })),
    );
  }
}
