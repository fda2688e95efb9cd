export { keyRing, type KeyRing } from './key-ring.js';
export { createSealer, type Sealer } from './sealer.js';
