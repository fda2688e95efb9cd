export type { Cut } from './cuts/cut.js';
export { CutReader } from './cuts/cut-reader.service.js';
export { dashboardConfig, type DashboardConfig } from './dashboard.config.js';
export { DashboardModule } from './dashboard.module.js';
export { DashboardPanel } from './cuts/dashboard-panel.js';
export { DashboardService } from './dashboard.service.js';
export { dashboardSocketEvents } from './dashboard-socket-events.js';
export { PanelSet } from './cuts/panel-set.js';
