export { createSealer, type Sealer } from './sealer.js';
