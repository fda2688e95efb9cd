export { InstrumentEntity } from './catalogue/instrument.entity.js';
export { InstrumentImportIssueEntity } from './imports/instrument-import-issue.entity.js';
export { InstrumentMappingEntity } from './mappings/instrument-mapping.entity.js';
export { InstrumentNameEntity } from './catalogue/instrument-name.entity.js';
export { InstrumentSeriesEntity } from './catalogue/instrument-series.entity.js';
export { InstrumentRegistryEntity } from './catalogue/instrument-registry.entity.js';
export { InstrumentImportChangeEntity } from './imports/instrument-import-change.entity.js';
export { InstrumentImportEntity } from './imports/instrument-import.entity.js';
