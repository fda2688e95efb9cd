export { Decimal, decimalString, nonNegativeDecimal } from './decimal.js';
export { DecimalSum } from './decimal-sum.js';
