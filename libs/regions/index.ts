export { regionsConfig, type RegionsConfig } from './regions.config.js';
export { RegionsModule } from './regions.module.js';
