export { configSlice, type InternalValues, type SliceValue } from './config-slice.js';
export { ConfigModule } from './config.module.js';
export { loadConfig } from './load-config.js';
export { Secret } from './secret.js';
export { env, type Environment } from './setting.js';
export { duration, flag, integer, list, secret, size, text } from './setting-types.js';
