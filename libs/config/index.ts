export { Secret } from './secret.js';
export { configSlice, env, type ConfigSlice, type SliceValue } from './config-slice.js';
export { flag, integer, list, optionalText, secret, text } from './setting-types.js';
export { ConfigError, EX_CONFIG } from './config-error.js';
export { type ConfigTree, type Environment, loadConfig } from './load-config.js';
export { envExample } from './env-example.js';
export { ConfigModule } from './config.module.js';
