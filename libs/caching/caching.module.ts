import { Global, Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { Cache } from './cache.js';
import { CacheMetricsObserver } from './cache-metrics-observer.js';
import { type CachingConfig, cachingConfig } from './caching.config.js';
import { cachingMetrics } from './caching.metrics.js';

const SWEEP_MS = 15_000;

/** Offers `Cache` everywhere, and drops what is past its grace every 15 s. */
@Global()
@Module({
  providers: [
    ...cachingMetrics,
    CacheMetricsObserver,
    {
      provide: Cache,
      inject: [cachingConfig.token, CacheMetricsObserver],
      useFactory: (config: CachingConfig, observer: CacheMetricsObserver) => {
        observer.bounded(config.maxBytes);
        return new Cache(config, observer);
      },
    },
  ],
  exports: [Cache],
})
export class CachingModule implements OnModuleInit, OnApplicationShutdown {
  private timer: NodeJS.Timeout | undefined;

  constructor(@Inject(Cache) private readonly cache: Cache) {}

  onModuleInit(): void {
    this.timer = setInterval(() => this.cache.sweep(), SWEEP_MS);
    this.timer.unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }
}
