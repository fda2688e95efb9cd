export { ReplicationBeatEntity } from './standing/replication-beat.entity.js';
