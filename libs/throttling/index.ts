export { type LimitReport, LimitReports } from './cluster/limit-reports.js';
export { Peers } from './cluster/peers.js';
export { Costly } from './costly.decorator.js';
export { RequestTurns } from './request-turns.js';
export { RateClass } from './rate-class.decorator.js';
export { throttlingConfig, type ThrottlingConfig } from './throttling.config.js';
export { ThrottlingModule } from './throttling.module.js';
export { ThrottlingUpkeep } from './throttling-upkeep.js';
export { rateClassOfMethod } from './route-policy.js';
