export { Cache } from './cache.js';
export { type Cached, type CacheReport, type CacheSettings, type Renewal } from './cache-settings.js';
export { CacheSecret } from './cache-secret.js';
export { Caches } from './caches.js';
export { cachingConfig, type CachingConfig } from './caching.config.js';
export { CachingModule } from './caching.module.js';
export { Conditional, isUnchanged } from './conditional.decorator.js';
