import { Inject, Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Changes } from '#changes';
import { Atomic } from '#database';
import { DeliveryLanes } from '#deliveries';
import { EventLog } from '#events';
import { hostOf } from './endpoints/webhook-endpoint.js';
import { WebhookHealthRepository } from './health/webhook-health.repository.js';
import { WebhookProbed } from './webhook-events.js';
import { webhooksConfig, type WebhooksConfig } from './webhooks.config.js';

/** Tries endpoints that are disabled because they failed. */
@Injectable()
export class WebhookProbes {
  constructor(
    private readonly health: WebhookHealthRepository,
    private readonly lanes: DeliveryLanes,
    private readonly events: EventLog,
    private readonly changes: Changes,
    @Inject(webhooksConfig.token) private readonly config: WebhooksConfig,
  ) {}

  /** Sends one held delivery to each disabled endpoint whose probe is due; its outcome decides. Each endpoint is given to one process. */
  @Background({
    name: 'webhooks-probes',
    every: (probes: WebhookProbes) => probes.config.upkeepMs,
    role: 'worker',
    whenReadOnly: 'pause',
  })
  @Atomic()
  async probeDue(): Promise<void> {
    const due = await this.health.takeDueProbes(new Date(Date.now() + this.config.probeSeconds * 1_000));
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
  }
}
