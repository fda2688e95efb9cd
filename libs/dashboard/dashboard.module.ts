import { Module } from '@nestjs/common';
import { AlertsModule } from '#alerts';
import { AuthModule } from '#auth';
import { ChangesModule } from '#changes';
import { DeliveriesModule } from '#deliveries';
import { EventsModule } from '#events';
import { FeedsModule } from '#feeds';
import { InstrumentsModule } from '#instruments';
import { PortfoliosModule } from '#portfolios';
import { RealtimeModule } from '#realtime';
import { SessionsModule } from '#sessions';
import { WebhooksModule } from '#webhooks';
import { Audience } from './cuts/audience.js';
import { CutReader } from './cuts/cut-reader.service.js';
import { DashboardController } from './dashboard.controller.js';
import { DashboardGateway } from './dashboard.gateway.js';
import { dashboardMetrics } from './dashboard.metrics.js';
import type { DashboardPanel } from './cuts/dashboard-panel.js';
import { DashboardService } from './dashboard.service.js';
import { PanelSet } from './cuts/panel-set.js';
import { PANELS } from './panels/panels.js';

/** Serves one consistent cut of the desk over REST, and as deltas over sockets. */
@Module({
  imports: [
    AlertsModule,
    AuthModule,
    ChangesModule,
    DeliveriesModule,
    EventsModule,
    FeedsModule,
    InstrumentsModule,
    PortfoliosModule,
    RealtimeModule,
    SessionsModule,
    WebhooksModule,
  ],
  controllers: [DashboardController],
  providers: [
    ...dashboardMetrics,
    ...PANELS,
    { provide: PanelSet, inject: [...PANELS], useFactory: (...panels: DashboardPanel[]) => new PanelSet(panels) },
    Audience,
    CutReader,
    DashboardGateway,
    DashboardService,
  ],
  exports: [CutReader, DashboardService, PanelSet],
})
export class DashboardModule {}
