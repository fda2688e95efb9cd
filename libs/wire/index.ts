export { decimalString, nonNegativeDecimal } from './decimal.js';
export { timestamp } from './timestamp.js';
export { brokerName, wireText } from './text.js';
export { decodeCursor, encodeCursor, pageOf, pageQuery } from './page.js';
export { BodyLimit } from './body-limit.decorator.js';
