export { Clock } from './clock.js';
export { TimeModule } from './time.module.js';
export { dayIn } from './time-zones.js';
export { timestamp } from './timestamp.js';
