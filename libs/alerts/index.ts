export { type AlertHeadline, AlertsRepository, type AlertTotals } from './alerts.repository.js';
export { AlertsModule } from './alerts.module.js';
