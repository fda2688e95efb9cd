import { type DynamicModule, type FactoryProvider, Module } from '@nestjs/common';
import { ChangesModule } from '#changes';
import { CacheMetrics } from './cache-metrics.js';
import { CacheSecret } from './cache-secret.js';
import { Caches } from './caches.js';
import { cachingMetrics } from './caching.metrics.js';

/** Offers `Caches` to every lib. */
@Module({})
export class CachingModule {
  /** @param secret finds the secret that seals what the processes share in Redis */
  static forRoot(secret: Pick<FactoryProvider<CacheSecret>, 'inject' | 'useFactory'>): DynamicModule {
    return {
      module: CachingModule,
      global: true,
      imports: [ChangesModule],
      providers: [...cachingMetrics, CacheMetrics, Caches, { provide: CacheSecret, ...secret }],
      exports: [Caches],
    };
  }
}
