import { Inject, Injectable } from '@nestjs/common';
import { Background } from '#background';
import { DataSources } from '#database';
import { databaseConfig, type DatabaseConfig } from '#database/config';

/** Measures the replica of DATABASE_REPLICA_URL, if there is one. Its age counts from measurements only. */
@Injectable()
export class ReplicaMeasureTask {
  constructor(
    private readonly sources: DataSources,
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
  ) {}

  @Background({
    name: 'regions-replica',
    every: ({ config }: ReplicaMeasureTask) => config.replicaMeasureMs,
    role: 'every-process',
    whenReadOnly: 'run',
    when: ({ sources }: ReplicaMeasureTask) => sources.replicaWatch !== undefined,
  })
  async measure(): Promise<void> {
    await this.sources.replicaWatch?.measure();
  }
}
