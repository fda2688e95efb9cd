import { AlertsModule, AlertsPanel } from '#alerts';
import { DashboardModule } from '#dashboard';
import { DeliveriesModule, DeliveriesPanel } from '#deliveries';
import { EventsModule, SystemPanel } from '#events';
import { FeedsModule, FeedsPanel } from '#feeds';
import { InstrumentsPanel, PortfoliosModule, PortfoliosPanel, PositionsPanel, QuotesPanel } from '#portfolios';
import { SessionsModule, SessionsPanel } from '#sessions';
import { WebhooksModule, WebhooksPanel } from '#webhooks';

/** The dashboard with its panels, in the order in which they are shown. */
export const dashboardModule = DashboardModule.forRoot([
  [PortfoliosModule, PortfoliosPanel],
  [PortfoliosModule, PositionsPanel],
  [PortfoliosModule, QuotesPanel],
  [AlertsModule, AlertsPanel],
  [DeliveriesModule, DeliveriesPanel],
  [FeedsModule, FeedsPanel],
  [WebhooksModule, WebhooksPanel],
  [SessionsModule, SessionsPanel],
  [PortfoliosModule, InstrumentsPanel],
  [EventsModule, SystemPanel],
]);
