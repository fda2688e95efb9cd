import { Inject, Injectable } from '@nestjs/common';
import { Background } from '#background';
import { Database } from '#database';
import { type ReplicationConfig, replicationConfig } from '../replication.config.js';
import { ReplicationGauges } from './replication-gauges.js';
import { ReplicationService } from './replication.service.js';

/** Writes heartbeats, and reads both clusters for the metrics: a scrape must not wait for a connection. */
@Injectable()
export class ReplicationWatch {
  constructor(
    private readonly replication: ReplicationService,
    private readonly gauges: ReplicationGauges,
    private readonly database: Database,
    @Inject(replicationConfig.token) readonly config: ReplicationConfig,
  ) {}

  @Background({
    name: 'replication-watch',
    every: ({ config }: ReplicationWatch) => config.watchMs,
    role: 'worker',
    whenReadOnly: 'run',
    atStart: true,
  })
  async look(): Promise<void> {
    if (!this.database.readOnly) await this.replication.beat();
    this.gauges.set(await this.replication.view());
  }
}
