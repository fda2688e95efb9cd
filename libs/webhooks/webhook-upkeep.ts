import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleInit,
} from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Changes } from '#changes';
import { Atomic, Database, Startup } from '#database';
import { DeliveryLanes } from '#deliveries';
import { EventLog } from '#events';
import { DeskRole } from '#background';
import { JobTasks } from '#jobs';
import { withCorrelation } from '#telemetry';
import { ENDPOINT_STATES } from './endpoints/endpoint-health.js';
import { hostOf } from './endpoints/webhook-endpoint.js';
import { WebhookProbed } from './webhook-events.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhookSecretsRepository } from './endpoints/webhook-secrets.repository.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';
import { ENDPOINTS } from './webhooks.metrics.js';

const DAY_MS = 86_400_000;

/** Time's part in webhooks: probes that are due, secrets and minutes whose time is over, and the gauge of states. */
@Injectable()
export class WebhookUpkeep implements OnModuleInit, OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Webhooks');
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;

  constructor(
    private readonly health: WebhookHealthRepository,
    private readonly secrets: WebhookSecretsRepository,
    private readonly lanes: DeliveryLanes,
    private readonly events: EventLog,
    private readonly changes: Changes,
    private readonly tasks: JobTasks,
    private readonly role: DeskRole,
    private readonly database: Database,
    private readonly startup: Startup,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
    @InjectMetric(ENDPOINTS) private readonly endpoints: Gauge<'state'>,
  ) {}

  onModuleInit(): void {
    for (const state of ENDPOINT_STATES) this.endpoints.set({ state }, 0);
    this.tasks.cron('webhooks:purge', '41 * * * *', () => this.purge());
  }

  onApplicationBootstrap(): void {
    void this.startup.whenReady().then(
      () =>
        (this.timer = setInterval(
          () => (this.running ??= this.tick().finally(() => (this.running = undefined))),
          this.config.upkeepMs,
        ).unref()),
      () => undefined,
    );
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
  }

  /** Lets one delivery through to each disabled endpoint that is due; its outcome decides. However many processes call it. @returns how many */
  @Atomic()
  async probeDue(now = new Date()): Promise<number> {
    const due = await this.health.takeDueProbes(new Date(now.getTime() + this.config.probeSeconds * 1_000));
    for (const endpoint of due) await this.lanes.probe(endpoint.id);
    await this.events.recordMany(
      due.map((endpoint) => ({
        type: WebhookProbed.type,
        ...(endpoint.userId === null ? {} : { userId: endpoint.userId }),
        payload: { endpointId: endpoint.id, host: hostOf(endpoint), disabledSince: endpoint.stateSince.toISOString() },
      })),
    );
    await this.changes.append(
      'webhooks',
      due.map(({ id }) => id),
    );
    return due.length;
  }

  async purge(now = new Date()): Promise<void> {
    await this.secrets.purge();
    await this.health.purge(new Date(now.getTime() - this.config.healthDays * DAY_MS));
  }

  private async tick(): Promise<void> {
    try {
      await withCorrelation(undefined, async () => {
        if (this.role.worker && !this.database.readOnly) await this.probeDue();
        const counts = await this.health.countStates();
        for (const state of ENDPOINT_STATES) this.endpoints.set({ state }, counts[state] ?? 0);
      });
    } catch (error) {
      this.logger.warn({ msg: 'upkeep of webhooks failed; trying again', err: error });
    }
  }
}
