import { Inject, Injectable } from '@nestjs/common';
import { Database } from '#database';
import { type ReplicationConfig, replicationConfig } from '../replication.config.js';
import { readReplication, type ReplicationView } from './replication-reading.js';
import { SlotsRepository } from './slots.repository.js';

/** Reads both clusters and writes heartbeats. */
@Injectable()
export class ReplicationService {
  constructor(
    private readonly database: Database,
    @Inject(replicationConfig.token) private readonly config: ReplicationConfig,
  ) {}

  view(): Promise<ReplicationView> {
    const { secondaryUrl, secondaryTimeoutMs } = this.config;
    return readReplication(this.database, secondaryUrl?.reveal(), secondaryTimeoutMs);
  }

  /** Writes a heartbeat if there is a slot. Several processes beat, and one beat per interval is enough. */
  beat(): Promise<void> {
    return new SlotsRepository(this.database).beat(this.config.watchMs * 0.8);
  }
}
