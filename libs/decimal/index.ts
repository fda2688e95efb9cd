export { Decimal } from './decimal.js';
export { DecimalSum } from './decimal-sum.js';
export { decimalString, nonNegativeDecimal } from './decimal-string.js';
