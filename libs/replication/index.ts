export { ClusterClient } from './clusters/cluster.client.js';
export { setUpReplication } from './publication/replication-setup.js';
export { promoteSecondary, type PromotionResult } from './promotion/promotion.js';
export { ReplicationModule } from './replication.module.js';
export { ReplicationRefused } from './replication-refused.js';
export { skipBlocked } from './standing/conflict-skip.js';
export { readReplication, type ReplicationView } from './standing/replication-reading.js';
export { type ExportLine, openExport } from './withheld/sealed-export.js';
export { exportSecrets, importSecrets } from './withheld/secrets-transfer.js';
