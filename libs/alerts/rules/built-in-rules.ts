import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Database, Startup } from '#database';
import { operatorEvents } from '#events';
import { AlertRulesRepository } from './alert-rules.repository.js';

/** The same news of the same thing is one alert for so long. What moved and says since when is never the same news: the last that operators heard must be how it is. */
const DEDUPE_S = 300;
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
      operatorEvents().map(({ type, operator }) => ({
        type,
        name: `Desk: ${type.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase()}`,
        severity: operator,
        condition: { op: 'equals', field: 'type', value: type, caseSensitive: true },
        dedupeSeconds: DEDUPE_S,
        dedupeBy: DEDUPE_BY,
      })),
    );
  }
}
