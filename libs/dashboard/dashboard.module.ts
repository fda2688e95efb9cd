import { type DynamicModule, Module, type Type } from '@nestjs/common';
import { AuthModule } from '#auth';
import { ChangesModule } from '#changes';
import type { SnapshotPanel } from '#panels';
import { RealtimeModule } from '#realtime';
import { Audience } from './cuts/audience.js';
import { CutReader } from './cuts/cut-reader.service.js';
import { DashboardController } from './dashboard.controller.js';
import { DashboardGateway } from './dashboard.gateway.js';
import { dashboardMetrics } from './dashboard.metrics.js';
import { DashboardService } from './dashboard.service.js';
import { FirstCut } from './first-cut.js';
import { PanelSet } from './cuts/panel-set.js';

/** A panel, and the module that exports it. */
export type PanelOwner = readonly [module: Type, panel: Type<SnapshotPanel>];

/** Serves one consistent cut of the desk over REST, and as deltas over sockets. */
@Module({})
export class DashboardModule {
  /** @param owners in the order in which the panels are shown */
  static forRoot(owners: readonly PanelOwner[]): DynamicModule {
    return {
      module: DashboardModule,
      imports: [AuthModule, ChangesModule, RealtimeModule, ...new Set(owners.map(([module]) => module))],
      controllers: [DashboardController],
      providers: [
        ...dashboardMetrics,
        {
          provide: PanelSet,
          inject: owners.map(([, panel]) => panel),
          useFactory: (...panels: SnapshotPanel[]) => new PanelSet(panels),
        },
        Audience,
        CutReader,
        DashboardGateway,
        DashboardService,
        FirstCut,
      ],
      exports: [CutReader, DashboardService, PanelSet],
    };
  }
}
