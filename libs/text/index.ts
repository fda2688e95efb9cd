export {
  brokerName,
  cleanLine,
  cleanText,
  currencyCode,
  decodeHtmlEntities,
  decodeXmlEntities,
  visibleText,
  wireText,
} from './clean-text.js';
export { fitEscaped, fitText } from './fit-text.js';
export { wireFlag, wireList } from './wire-list.js';
export { BY_ID, type OrderKey, wireOrder } from './wire-order.js';
