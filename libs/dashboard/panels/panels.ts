import { AlertsPanel } from './alerts-panel.js';
import { DeliveriesPanel } from './deliveries-panel.js';
import { FeedsPanel } from './feeds-panel.js';
import { InstrumentsPanel } from './instruments-panel.js';
import { PortfoliosPanel } from './portfolios-panel.js';
import { SessionsPanel } from './sessions-panel.js';
import { SystemPanel } from './system-panel.js';
import { WebhooksPanel } from './webhooks-panel.js';

/** The panels in their order. A new panel is a file and an entry here. */
export const PANELS = [
  PortfoliosPanel,
  AlertsPanel,
  DeliveriesPanel,
  FeedsPanel,
  WebhooksPanel,
  SessionsPanel,
  InstrumentsPanel,
  SystemPanel,
] as const;
