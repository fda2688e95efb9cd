export { Clock } from './clock.js';
export { dateFormatProblem, dateFormatReader } from './date-format.js';
export { TimeModule } from './time.module.js';
export { dayIn, daysAfter, type LocalTime, localTimeIn, momentIn, momentsIn, timeZoneName } from './time-zones.js';
export { shownTime, timestamp, utcTime, utcTimeSql } from './timestamp.js';
