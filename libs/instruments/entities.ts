export { InstrumentEntity } from './catalogue/instrument.entity.js';
export { InstrumentImportIssueEntity } from './imports/instrument-import-issue.entity.js';
export { InstrumentNameEntity } from './catalogue/instrument-name.entity.js';
export { InstrumentRegistryEntity } from './catalogue/instrument-registry.entity.js';
export { InstrumentReleaseChangeEntity } from './imports/instrument-release-change.entity.js';
export { InstrumentReleaseEntity } from './imports/instrument-release.entity.js';
