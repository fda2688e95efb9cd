export type { Cut } from './cut.js';
export { CutReader } from './cut-reader.service.js';
export { dashboardConfig, type DashboardConfig } from './dashboard.config.js';
export { DashboardModule } from './dashboard.module.js';
export { DashboardPanel } from './dashboard-panel.js';
export { DashboardService } from './dashboard.service.js';
export { dashboardSocketEvents } from './dashboard-socket-events.js';
export { PanelSet } from './panel-set.js';
