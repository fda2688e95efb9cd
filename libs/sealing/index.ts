export { createSealer, type Sealer } from './sealer.js';
export {
  countStored,
  missingKeys,
  type RewrappedKind,
  rewrapStored,
  type SealedKind,
  type KeyCount,
  type SealedStore,
} from './rewrap.js';
