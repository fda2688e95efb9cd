export { Secret } from './secret.js';
export {
  configSlice,
  type ConfigSlice,
  type ConfigTree,
  type InternalValues,
  type SliceValue,
} from './config-slice.js';
export { env, type Environment } from './setting.js';
export { duration, flag, integer, list, secret, size, text } from './setting-types.js';
export { ConfigError } from './config-error.js';
export { loadConfig } from './load-config.js';
export { envExample } from './env-example.js';
export { ConfigModule } from './config.module.js';
