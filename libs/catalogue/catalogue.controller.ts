import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Conditional, isUnchanged } from '#caching';
import { type CatalogueAnswer, catalogueSchema } from './catalogue.dto.js';
import { CatalogueService } from './catalogue.service.js';

@ApiTags('catalogue')
@ApiBearerAuth()
@Controller('v1/catalogue')
export class CatalogueController {
  constructor(private readonly catalogue: CatalogueService) {}

  @Get()
  @Conditional()
  @ApiOperation({
    operationId: 'catalogueShow',
    summary: 'Show the names that rules, filters and screens can use',
    description:
      'Types of events with the fields of their payloads, operators of conditions, panels with their parameters, brokers with ' +
      'their exchanges, venues, formats of messages, severities and roles.',
  })
  @ApiOkResponse({ standardSchema: catalogueSchema })
  async show(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<CatalogueAnswer | undefined> {
    const { answer, etag } = await this.catalogue.read();
    return isUnchanged(request, reply, etag) ? undefined : answer;
  }
}
