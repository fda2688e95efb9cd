export { canonicalForm } from './sec-forms.js';
export { canonicalTicker } from './tickers.js';
