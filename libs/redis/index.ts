export { Redis } from './redis.js';
export type { RedisClient } from './redis-connection.js';
export { redisConfig, type RedisConfig } from './redis.config.js';
export { RedisModule } from './redis.module.js';
export { type RedisScript, redisScript } from './redis-script.js';
