export { Cache, type Cached, type CacheOptions } from './cache.js';
export { cachingConfig, type CachingConfig } from './caching.config.js';
export { CachingModule } from './caching.module.js';
