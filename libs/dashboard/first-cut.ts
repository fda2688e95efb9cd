import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { backgroundConfig, type BackgroundConfig } from '#background/config';
import { Startup } from '#database';
import { DashboardService } from './dashboard.service.js';

/**
 * Makes a cut before the process is ready. Its first callers then do not wait until the whole desk was read for the first time, and
 * get no 503 when that takes longer than they wait. A cut that fails is logged by its reader, and does not stop the start.
 */
@Injectable()
export class FirstCut implements OnModuleInit {
  constructor(
    @Inject(backgroundConfig.token) private readonly config: BackgroundConfig,
    private readonly startup: Startup,
    private readonly dashboard: DashboardService,
  ) {}

  onModuleInit(): void {
    if (this.config.role === 'worker') return; // It serves no dashboard.
    this.startup.addStep('checks', 'first cut', () => this.dashboard.warmUp());
  }
}
