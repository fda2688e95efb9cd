export { type Quota, Quotas } from './quotas.js';
export { QuotasModule } from './quotas.module.js';
