import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Background, DeskRole } from '#background';
import { DataSources, Startup } from '#database';
import { databaseConfig, type DatabaseConfig } from '#database/config';
import { JobRunner } from '#jobs';
import { Redis } from '#redis';
import { ThrottlingUpkeep } from '#throttling';
import { type HealthReport, HealthRegistry } from './health-registry.js';

/** The health checks of the libs below this one; the libs above register their own. */
@Injectable()
export class FoundationHealth implements OnModuleInit {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly sources: DataSources,
    private readonly startup: Startup,
    private readonly jobs: JobRunner,
    private readonly role: DeskRole,
    private readonly throttling: ThrottlingUpkeep,
    private readonly redis: Redis,
    @Inject(databaseConfig.token) private readonly config: DatabaseConfig,
  ) {}

  onModuleInit(): void {
    this.registry.register({ name: 'database', check: () => this.database() });
    this.registry.register({
      name: 'throttling',
      check: () => ({ status: 'up', classes: this.throttling.usage() }),
    });
    if (this.redis.enabled) this.registry.register({ name: 'redis', check: () => this.sharedState() });
    if (this.role.worker && !this.config.readOnly)
      this.registry.register({
        name: 'jobs',
        check: () => ({
          status: this.jobs.isRunning || this.sources.watch.isReadOnly ? 'up' : 'degraded',
          concurrency: this.jobs.concurrency,
        }),
      });
  }

  /** Logs and counts connections that are held too long. */
  @Background({
    name: 'system-held-connections',
    every: ({ config }: FoundationHealth) => config.heldWarningMs / 6,
    role: 'every-process',
    whenReadOnly: 'run',
  })
  reportHeldConnections(): void {
    this.sources.held.reportLongHeld(this.config.heldWarningMs);
  }

  /** Without Redis the desk works, with limits and caches of each process. */
  private sharedState(): HealthReport {
    const { available, downSince } = this.redis;
    return { status: available ? 'up' : 'degraded', downSince: downSince?.toISOString() ?? null };
  }

  /** Queries the analytics pool, so an exhausted app pool is still reported as exhausted. */
  private async database(): Promise<HealthReport> {
    const { app, analytics } = this.sources;
    if (!app.isInitialized || !analytics.isInitialized) return { status: 'down', phase: this.startup.phase };
    if (this.sources.watch.isSilent)
      return { status: 'down', error: 'PostgreSQL accepts connections and does not answer' };
    await analytics.query('SELECT 1');
    const pools = this.sources.use;
    const used = pools.app!;
    return {
      status: used.waiting > 0 || this.sources.watch.isReadOnly ? 'degraded' : 'up',
      ...used,
      readOnly: this.config.readOnly || this.sources.watch.isReadOnly,
      pools,
    };
  }
}
