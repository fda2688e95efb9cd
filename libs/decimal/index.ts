export { decimalString, nonNegativeDecimal } from './decimal-string.js';
