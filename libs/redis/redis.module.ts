import { Global, Module } from '@nestjs/common';
import { Redis } from './redis.js';
import { redisMetrics } from './redis.metrics.js';

/** Global, as the database is. */
@Global()
@Module({ providers: [...redisMetrics, Redis], exports: [Redis] })
export class RedisModule {}
