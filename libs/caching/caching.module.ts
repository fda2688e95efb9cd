import { Global, Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { CacheMetrics } from './cache-metrics.js';
import { Caches } from './caches.js';
import { cachingMetrics } from './caching.metrics.js';

/** Offers `Caches` to every lib. */
@Global()
@Module({ imports: [ChangesModule], providers: [...cachingMetrics, CacheMetrics, Caches], exports: [Caches] })
export class CachingModule {}
