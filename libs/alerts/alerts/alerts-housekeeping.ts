import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { JobTasks } from '#jobs';
import { firstUuidFrom } from '#ids';
import { Clock } from '#time';
import { alertsConfig, type AlertsConfig } from '../alerts.config.js';
import { AlertsRepository } from './alerts.repository.js';

const DAY_MS = 86_400_000;

/** Removes alerts past their retention and windows that are over, once an hour. */
@Injectable()
export class AlertsHousekeeping implements OnModuleInit {
  constructor(
    private readonly tasks: JobTasks,
    private readonly alerts: AlertsRepository,
    private readonly clock: Clock,
    @Inject(alertsConfig.token) private readonly config: AlertsConfig,
  ) {}

  onModuleInit(): void {
    this.tasks.cron('alerts-housekeeping', '23 * * * *', (_payload, signal) => this.run(signal));
  }

  async run(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now();
    await this.alerts.removeWindows(now);
    const oldest = firstUuidFrom(new Date(now.getTime() - this.config.retentionDays * DAY_MS).toISOString());
    while (signal?.aborted !== true && (await this.alerts.removeBelow(oldest)) > 0);
  }
}
