export { dashboardConfig } from './dashboard.config.js';
export { DashboardModule } from './dashboard.module.js';
export { dashboardSocketEvents } from './dashboard-socket-events.js';
export { PanelSet } from './cuts/panel-set.js';
