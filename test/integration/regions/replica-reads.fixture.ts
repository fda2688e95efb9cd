import { Database } from '#database';
import { eventually } from '../../setup/eventually.js';
import { FaultProxy } from '../../setup/fault-proxy.js';
import { startTestApp, type TestApp } from '../../setup/test-app.js';
import type { DatabaseServer } from '../../setup/database-server.js';

/** A desk whose reads of history may go to a replica, behind a proxy. */
export class ReplicatedDesk {
  private constructor(
    readonly app: TestApp,
    readonly proxy: FaultProxy,
    readonly token: string,
  ) {}

  static async start(primary: DatabaseServer, replica: DatabaseServer, staleness = '3s'): Promise<ReplicatedDesk> {
    const proxy = await FaultProxy.start(replica.url);
    const database = { url: primary.url, drop: async () => undefined };
    const env = { DATABASE_REPLICA_URL: proxy.url, DATABASE_REPLICA_MAX_STALENESS: staleness };
    const app = await startTestApp({ database, env });
    return new ReplicatedDesk(app, proxy, (await app.login('operator')).token);
  }

  /** Records an event on the primary. @returns its correlation id */
  async record(correlationId: string): Promise<string> {
    await this.app.get(Database).run(
      `INSERT INTO trading_events (id, type, version, correlation_id, payload, occurred_at)
       VALUES (uuidv7(), 'SpecRan', 1, $1, '{}', now())`,
      [correlationId],
    );
    return correlationId;
  }

  /** How many events of this correlation id the API lists. */
  async shown(correlationId: string, headers: Record<string, string> = {}): Promise<number> {
    const { status, body } = await this.app.request('GET', `/v1/events?correlationId=${correlationId}`, {
      ...{ token: this.token, headers },
    });
    expect(status).toBe(200);
    return body.items.length;
  }

  /** Reads by outcome, from the metrics. */
  async outcomes(): Promise<Record<string, number>> {
    const { body } = await this.app.request<string>('GET', '/metrics');
    const lines = body.matchAll(/^database_replica_reads_total\{.*outcome="(\w+)".*\} (\d+)$/gm);
    return Object.fromEntries([...lines].map(([, outcome, count]) => [outcome, Number(count)]));
  }

  /** `database_replica_usable` by kind, which the rule DatabaseReplicaUnusable watches. */
  async usable(): Promise<Record<string, number>> {
    const { body } = await this.app.request<string>('GET', '/metrics');
    const lines = body.matchAll(/^database_replica_usable\{.*kind="(\w+)".*\} (\d)$/gm);
    return Object.fromEntries([...lines].map(([, kind, value]) => [kind, Number(value)]));
  }

  /** Reads until one has this outcome. */
  async reads(outcome: string): Promise<void> {
    const before = (await this.outcomes())[outcome]!;
    await eventually(async () => {
      await this.shown('none');
      expect((await this.outcomes())[outcome]).toBeGreaterThan(before);
    });
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.proxy.become('refuse');
  }
}
