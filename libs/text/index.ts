export { brokerName, wireText } from './wire-text.js';
