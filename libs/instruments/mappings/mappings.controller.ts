import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { BodyLimit, Fails, pageFrom } from '#http';
import { brokerName } from '#text';
import { MAX_MAPPING_BYTES } from './given-mapping.js';
import {
  type MappingBody,
  mappingBodySchema,
  mappingName,
  type MappingsPage,
  mappingsPageSchema,
  type MappingsQuery,
  mappingsQuerySchema,
  storedMappingSchema,
  type StoredMappingView,
} from './mapping.dto.js';
import { MappingsService } from './mappings.service.js';

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments/mappings')
@Roles('operator')
export class MappingsController {
  constructor(private readonly mappings: MappingsService) {}

  @Get()
  @ApiOperation({
    summary: 'List stored mappings, by broker and name',
    description: 'Built-in mappings are not listed.',
  })
  @ApiOkResponse({ standardSchema: mappingsPageSchema })
  async list(@Query({ schema: mappingsQuerySchema }) { broker, limit, cursor }: MappingsQuery): Promise<MappingsPage> {
    const found = await this.mappings.list(broker, limit + 1, cursor);
    return pageFrom(found, limit, (row) => [row.broker, row.name]);
  }

  @Get(':broker/:name')
  @Fails('INSTRUMENTS_MAPPING_NOT_FOUND')
  @ApiOperation({ summary: 'Get a stored mapping', description: 'With the user who changed it last.' })
  @ApiOkResponse({ standardSchema: storedMappingSchema })
  get(
    @Param('broker', { schema: brokerName }) broker: string,
    @Param('name', { schema: mappingName }) name: string,
  ): Promise<StoredMappingView> {
    return this.mappings.get(broker, name);
  }

  /** Stores a mapping, which imports then choose by name. Repeating it is not an error. */
  @Put(':broker/:name')
  @BodyLimit(MAX_MAPPING_BYTES)
  @Fails('INSTRUMENTS_TOO_MANY_MAPPINGS')
  @ApiOperation({
    summary: "Store a mapping for a broker's masters",
    description:
      'Every word is checked, and a wrong one is named by its place. Imports choose it with `mapping=NAME`; try it with `dryRun=true` first.',
  })
  @ApiOkResponse({ standardSchema: storedMappingSchema })
  put(
    @CurrentPrincipal() principal: Principal,
    @Param('broker', { schema: brokerName }) broker: string,
    @Param('name', { schema: mappingName }) name: string,
    @Body({ schema: mappingBodySchema }) body: MappingBody,
  ): Promise<StoredMappingView> {
    return this.mappings.put(principal, broker, name, body);
  }

  /** Removes a stored mapping. Repeating it is not an error. */
  @Delete(':broker/:name')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Remove a stored mapping; the contracts that it imported stay',
    description: 'Repeating it is not an error.',
  })
  @ApiNoContentResponse({ description: 'The mapping is not stored' })
  delete(
    @Param('broker', { schema: brokerName }) broker: string,
    @Param('name', { schema: mappingName }) name: string,
  ): Promise<void> {
    return this.mappings.remove(broker, name);
  }
}
