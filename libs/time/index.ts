export { Clock } from './clock.js';
export { TimeModule } from './time.module.js';
export { dayIn, daysAfter, type LocalTime, localTimeIn, momentIn, momentsIn, timeZoneName } from './time-zones.js';
export { timestamp, utcTime, utcTimeSql } from './timestamp.js';
