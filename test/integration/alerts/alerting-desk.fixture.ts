import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { AlertsModule, AlertRulesService, ruleInputSchema } from '#alerts';
import type { InternalValues } from '#config';
import { AuthModule, type Principal, UsersService } from '#auth';
import { Database } from '#database';
import { DeliveryLanes } from '#deliveries';
import { defineEvent, EventLog } from '#events';
import { ResilienceModule } from '#resilience';
import { ThrottlingModule } from '#throttling';
import { uuid7 } from '#ids';
import type { LaneSettings } from '../../../libs/deliveries/lanes/lane.js';
import { type TestDatabase } from '../../setup/test-database.js';
import type { VirtualClock } from '../../setup/virtual-clock.js';
import { type TestModule, testModule } from '../../setup/test-module.js';

const payload = z.looseObject({ title: z.string().optional() });
export const SpecNews = defineEvent('SpecNews', 1, payload);
export const SpecTick = defineEvent('SpecTick', 1, payload);
export const SpecTrouble = defineEvent('SpecTrouble', 1, payload, { operator: true, severity: 'critical' });

/** Alerts, deliveries and events on a database of their own. Nothing is sent, because there is no worker. */
export class AlertingDesk {
  private constructor(private readonly module: TestModule) {}

  /** @param clock default: the system's clock; with one, purges run, too */
  static async open(
    database?: TestDatabase,
    internals: readonly InternalValues[] = [],
    clock?: VirtualClock,
  ): Promise<AlertingDesk> {
    const env = clock === undefined ? { DESKWIRE_ROLE: 'web' } : {};
    const options = { env, internals, ...(database && { database }), ...(clock && { clock }) };
    return new AlertingDesk(await testModule([AuthModule, ThrottlingModule, ResilienceModule, AlertsModule], options));
  }

  get<T>(token: new (...args: any[]) => T): T {
    return this.module.get<T>(token);
  }

  get testDatabase(): TestDatabase {
    return this.module.database;
  }

  close(): Promise<void> {
    return this.module.close();
  }

  async user(role: 'trader' | 'operator' = 'trader'): Promise<Principal> {
    const { user } = await this.get(UsersService).add({
      email: `${randomUUID()}@test.example`,
      roles: [role],
      password: 'correct horse battery staple',
    });
    return {
      userId: user.id,
      roles: [role],
      loginId: randomUUID(),
      expiresAt: new Date(Date.now() + 3_600_000),
      via: 'login',
    };
  }

  async lane(more: Partial<LaneSettings> = {}): Promise<string> {
    const endpointId = randomUUID();
    await this.get(DeliveryLanes).put({
      endpointId,
      channel: 'spec',
      format: 'generic',
      userId: null,
      operator: false,
      concurrency: 1,
      ratePerSecond: null,
      ...more,
    });
    return endpointId;
  }

  rule(principal: Principal, rule: object): Promise<{ id: string }> {
    const given = {
      name: 'Spec',
      severity: 'warning',
      condition: { op: 'equals', field: 'type', value: 'SpecNews' },
      ...rule,
    };
    return this.get(AlertRulesService).create(principal, ruleInputSchema.parse(given));
  }

  change(principal: Principal, id: string, patch: object) {
    return this.get(AlertRulesService).change(principal, id, patch);
  }

  /** An event that no listener has seen yet. @returns its id */
  async recordSilently(title: string): Promise<string> {
    const [row] = await this.rows<{ id: string }>(
      `INSERT INTO trading_events (id, type, version, payload, occurred_at)
       VALUES ($1, $2, 1, jsonb_build_object('title', $3::text), now()) RETURNING id`,
      [uuid7(new Date()), SpecNews.type, title],
    );
    return row!.id;
  }

  news(title: string, more: object = {}, id = uuid7(new Date())): Promise<{ id: string; recorded: boolean }> {
    return this.get(EventLog).record({ type: SpecNews.type, id, payload: { title, ...more } });
  }

  rows<Row = any>(sql: string, params?: unknown[]): Promise<Row[]> {
    return this.get(Database).rows<Row>(sql, params);
  }

  alerts(): Promise<any[]> {
    return this.rows('SELECT * FROM alerts ORDER BY id');
  }

  deliveries(): Promise<any[]> {
    return this.rows('SELECT * FROM alert_delivery_queue ORDER BY id');
  }

  async empty(): Promise<void> {
    await this.rows('DELETE FROM alert_delivery_queue');
    await this.rows('DELETE FROM delivery_lanes');
    await this.rows('DELETE FROM alerts');
    await this.rows('DELETE FROM alert_dedupe_windows');
    await this.rows('DELETE FROM alert_rules WHERE built_in IS NULL');
    await this.rows('DELETE FROM trading_events');
    await this.rows('DELETE FROM event_inbox');
  }
}
