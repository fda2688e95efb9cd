import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { Gauge } from 'prom-client';
import { Background } from '#background';
import { ENDPOINT_STATES } from '../endpoints/endpoint-health.js';
import { ENDPOINTS } from '../webhooks.metrics.js';
import { WebhookHealthRepository } from './webhook-health.repository.js';

/** Updates the gauge of endpoints by state. */
@Injectable()
export class WebhookStates implements OnModuleInit {
  constructor(
    private readonly health: WebhookHealthRepository,
    @InjectMetric(ENDPOINTS) private readonly endpoints: Gauge<'state'>,
  ) {}

  onModuleInit(): void {
    for (const state of ENDPOINT_STATES) this.endpoints.set({ state }, 0);
  }

  @Background({ name: 'webhooks-states', every: 5_000, role: 'every-process', whenReadOnly: 'run', atStart: true })
  async count(): Promise<void> {
    const counts = await this.health.countStates();
    for (const state of ENDPOINT_STATES) this.endpoints.set({ state }, counts[state] ?? 0);
  }
}
