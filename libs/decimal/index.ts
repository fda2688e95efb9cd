export { Decimal, decimalString, decimalText, nonNegativeDecimal } from './decimal.js';
export { DecimalSum } from './decimal-sum.js';
export { writtenDecimal } from './written-decimal.js';
