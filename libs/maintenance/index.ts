export { type BackupMethod, type BackupReport, Backups } from './backups/backups.js';
export { ReadOnlyModeRepository } from './read-only-mode.repository.js';
export { type ServerState, ServerStateRepository } from './server-state.repository.js';
