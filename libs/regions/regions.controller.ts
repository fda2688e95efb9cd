import { createHash } from 'node:crypto';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Public } from '#auth';
import { Conditional, isUnchanged } from '#caching';
import { type RegionsAnswer, regionsAnswerSchema, type RegionsQuery, regionsQuerySchema } from './region.dto.js';
import { regionsConfig, type RegionsConfig } from './regions.config.js';
import { RegionsService } from './regions.service.js';

/** A client that can reach no region may use a list of the last day. */
const STALE_IF_ERROR_S = 86_400;

@ApiTags('regions')
@Public()
@Controller('v1/regions')
export class RegionsController {
  private readonly cacheControl: string;

  constructor(
    private readonly regions: RegionsService,
    @Inject(regionsConfig.token) { probeEveryMs }: RegionsConfig,
  ) {
    this.cacheControl = `public, max-age=${Math.ceil(probeEveryMs / 1_000)}, stale-if-error=${STALE_IF_ERROR_S}`;
  }

  @Get()
  @Conditional()
  @ApiOperation({
    operationId: 'regionsList',
    summary: 'List the regions of the desk, healthy and nearest first',
    description:
      'Public, and cacheable until the next probe. Without a query, near is the latency from the process that answers. ' +
      'A client that sends `lat` and `lon`, or `near`, gets the order by its distance.',
  })
  @ApiOkResponse({ standardSchema: regionsAnswerSchema })
  list(
    @Query({ schema: regionsQuerySchema }) query: RegionsQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): RegionsAnswer | undefined {
    const answer = this.regions.list(query);
    const etag = `W/"${createHash('sha1').update(JSON.stringify(answer)).digest('base64url')}"`;
    void reply.header('cache-control', this.cacheControl);
    return isUnchanged(request, reply, etag) ? undefined : answer;
  }
}
