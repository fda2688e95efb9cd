import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { Retention } from '#background';
import { Database, Startup } from '#database';
import { SubscriptionRepository } from './publication/subscription.repository.js';
import { type ReplicationConfig, replicationConfig } from './replication.config.js';
import { ReplicationController } from './replication.controller.js';
import { isSecondary } from './replication.errors.js';
import { replicationMetrics } from './replication.metrics.js';
import { ReplicationGauges } from './standing/replication-gauges.js';
import { ReplicationService } from './standing/replication.service.js';
import { ReplicationWatch } from './standing/replication-watch.js';

/** Logical replication to a secondary region. */
@Module({
  controllers: [ReplicationController],
  providers: [...replicationMetrics, ReplicationGauges, ReplicationService, ReplicationWatch],
})
export class ReplicationModule implements OnModuleInit {
  constructor(
    retention: Retention,
    private readonly startup: Startup,
    private readonly database: Database,
    @Inject(replicationConfig.token) { beatRetentionMs }: ReplicationConfig,
  ) {
    retention.keep({ table: 'replication_beats', column: 'at', ms: beatRetentionMs });
  }

  /** A desk on a secondary waits until it is promoted. The change feed lists none of its changes, so its screens would stand still. */
  onModuleInit(): void {
    this.startup.addStep('checks', 'no secondary', async () => {
      if (await new SubscriptionRepository(this.database).exists()) throw isSecondary();
    });
  }
}
