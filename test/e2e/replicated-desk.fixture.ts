import { join } from 'node:path';
import { Egress } from '#egress';
import { replicationConfig } from '#replication/config';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { eventually } from '../setup/eventually.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { CommandLine, type CommandRun } from './command-line.fixture.js';
import { LogicalCluster } from './logical-cluster.fixture.js';

export const EXPORT_KEY = '8899aabbccddeeff00112233445566778899aabbccddeeff0011223344556677';

/** Everything of a desk that must not leave its region. */
export interface DeskSecrets {
  email: string;
  password: string;
  token: string;
  refreshToken: string;
  apiKey: string;
  brokerToken: string;
  endpointId: string;
  webhookSecret: string;
}

/** A desk on one cluster, and a second cluster to replicate to. */
export class ReplicatedDesk {
  readonly commands = new CommandLine();
  readonly exportFile = join(this.commands.home, 'desk.sealed');
  receiver!: TestReceiver;
  primary!: LogicalCluster;
  secondary!: LogicalCluster;
  app!: TestApp;
  secrets!: DeskSecrets;

  async open(): Promise<this> {
    [this.primary, this.secondary, this.receiver] = await Promise.all([
      LogicalCluster.start(),
      LogicalCluster.start(),
      new TestReceiver().open(),
    ]);
    this.app = await this.startOn(this.primary.url);
    this.secrets = await this.makeSecrets();
    return this;
  }

  async startOn(url: string): Promise<TestApp> {
    const app = await startTestApp({
      database: { url, drop: () => Promise.resolve() },
      env: { REPLICATION_SECONDARY_URL: this.secondary.url },
      internals: [replicationConfig.with({ watchMs: 1_000 })],
    });
    app.get(Egress).allow(this.receiver.host);
    return app;
  }

  /** Runs `deskwire` with the primary as DATABASE_URL. */
  deskwire(args: string, environment: Record<string, string> = {}): CommandRun {
    return this.commands.run(args.split(' '), {
      DATABASE_URL: this.primary.url,
      REPLICATION_SECONDARY_URL: this.secondary.url,
      REPLICATION_EXPORT_KEY: EXPORT_KEY,
      ...environment,
    });
  }

  /** Sets the replication up through the proxy of the primary, and waits until every table is copied. */
  async replicate(): Promise<void> {
    await this.deskwire(`replication setup --json --primary-url ${this.primary.proxy.url}`).json();
    await this.caughtUp();
  }

  async caughtUp(): Promise<void> {
    await eventually(async () => {
      const [pending] = await this.secondary.rows(
        `SELECT count(*)::int AS n FROM pg_subscription_rel WHERE srsubstate <> 'r'`,
      );
      expect(pending!['n']).toBe(0);
    });
    const [at] = await this.primary.rows(`SELECT pg_current_wal_lsn()::text AS lsn`);
    await eventually(async () => {
      const [slot] = await this.primary.rows(
        `SELECT confirmed_flush_lsn >= '${at!['lsn']}' AS done FROM pg_replication_slots WHERE slot_name = 'deskwire_sub'`,
      );
      expect(slot?.['done']).toBe(true);
    });
  }

  /** The value of a series at /metrics. */
  async metric(series: string, app = this.app): Promise<number | undefined> {
    const { body } = await app.request<string>('GET', '/metrics');
    const line = body.split('\n').find((one) => one.startsWith(`${series} `));
    return line === undefined ? undefined : Number(line.slice(series.length + 1));
  }

  async close(): Promise<void> {
    await this.app?.close();
    await Promise.all([this.primary?.remove(), this.secondary?.remove(), this.receiver?.close()]);
    this.commands.remove();
  }

  private async makeSecrets(): Promise<DeskSecrets> {
    const { token, refreshToken, email, password } = await this.app.login('trader');
    const send = async (method: string, path: string, body: unknown) => {
      const answer = await this.app.request(method, path, { token, body });
      expect([path, answer.status < 300]).toEqual([path, true]);
      return answer.body;
    };
    const { key: apiKey } = await send('POST', '/v1/auth/api-keys', { name: 'feeder', roles: ['viewer'] });
    const brokerToken = 'broker-token-never-replicated';
    await send('PUT', '/v1/sessions', {
      broker: 'zerodha',
      account: 'AB1234',
      accessToken: brokerToken,
      loginMethod: 'oauth',
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
    });
    const { id: endpointId, secret: webhookSecret } = await send('POST', '/v1/webhooks', {
      url: this.receiver.url,
      headers: { 'x-api-key': 'key-of-the-receiver' },
    });
    this.receiver.secrets = [webhookSecret];
    return { email, password, token, refreshToken, apiKey, brokerToken, endpointId, webhookSecret };
  }
}
