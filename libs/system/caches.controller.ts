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
  @ApiOperation({ summary: 'List the caches of this process' })
  @ApiOkResponse({ standardSchema: cacheReportsSchema })
  list(): CacheReportsAnswer {
    return { items: this.caches.reports().map((report) => ({ ...report, hitRatio: hitRatio(report) })) };
  }
}

/** A caller that joins a running load, gets a stale value or an error did not find a fresh one. */
function hitRatio({ hits, misses, shared, stale, loadFailures }: CacheReport): number | null {
  const lookups = hits + misses + shared + stale + loadFailures;
  return lookups === 0 ? null : hits / lookups;
}
