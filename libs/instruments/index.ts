export { InstrumentEntity } from './instrument.entity.js';
export { InstrumentImportIssueEntity } from './instrument-import-issue.entity.js';
export { InstrumentNameEntity } from './instrument-name.entity.js';
export { InstrumentRegistryEntity } from './instrument-registry.entity.js';
export { InstrumentReleaseChangeEntity } from './instrument-release-change.entity.js';
export { InstrumentReleaseEntity } from './instrument-release.entity.js';
export { InstrumentsModule } from './instruments.module.js';
export { instrumentsConfig } from './instruments.config.js';
