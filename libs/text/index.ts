export { cleanLine, cleanText, visibleText } from './clean-text.js';
export { fitEscaped, fitText } from './fit-text.js';
export { decodeHtmlEntities, decodeXmlEntities } from './html-entities.js';
export { brokerName, wireText } from './wire-text.js';
