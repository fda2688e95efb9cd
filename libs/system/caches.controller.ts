import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { type CacheReport, Caches } from '#caching';
import { type CacheReportsAnswer, cacheReportsSchema } from './cache-report.dto.js';

@ApiTags('system')
@ApiBearerAuth()
@Controller('v1/system/cache')
export class CachesController {
  constructor(private readonly caches: Caches) {}

  /** The caches of the process that answers. Counts begin when the process starts. */
  @Get()
  @Roles('operator')
  @ApiOperation({ summary: 'List the caches of this process', description: 'Counts begin when the process starts.' })
  @ApiOkResponse({ standardSchema: cacheReportsSchema })
  list(): CacheReportsAnswer {
    const items = this.caches.reports().map(({ redis, ...report }) => ({
      ...report,
      hitRatio: hitRatio(report),
      redis: redis && {
        ...redis,
        hitRatio: ratio(redis.hits + redis.waited, redis.misses + redis.refused + redis.errors),
      },
    }));
    return { redis: this.caches.redisTier(), items };
  }
}

/** A caller that joins a running load, gets a value of Redis, a stale value or an error did not find a fresh one in memory. */
function hitRatio({ hits, misses, promoted, shared, stale, loadFailures }: Omit<CacheReport, 'redis'>): number | null {
  return ratio(hits, misses + promoted + shared + stale + loadFailures);
}

function ratio(hits: number, others: number): number | null {
  return hits + others === 0 ? null : hits / (hits + others);
}
