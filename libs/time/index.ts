export { timestamp } from './timestamp.js';
