import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Creates } from '#http';
import { Idempotent } from '#idempotency';
import { Fails } from '#http';
import { CurrentPrincipal } from '../auth.decorators.js';
import type { Principal } from '../principal.js';
import {
  apiKeyIdSchema,
  apiKeySchema,
  apiKeysQuerySchema,
  apiKeysSchema,
  type ApiKeyView,
  apiKeyView,
  createdApiKeySchema,
  type NewApiKeyBody,
  newApiKeySchema,
} from './api-key.dto.js';
import { ApiKeysService } from './api-keys.service.js';

@ApiTags('auth')
@ApiBearerAuth()
@Controller('v1/auth/api-keys')
export class ApiKeysController {
  constructor(private readonly keys: ApiKeysService) {}

  @Post()
  @Fails('AUTH_ROLE_NOT_HELD', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_TOO_MANY_API_KEYS')
  @ApiOperation({ summary: 'Create an API key of your own', description: 'The key is returned only once.' })
  @Idempotent({ secrets: ['key'] })
  @Creates('/v1/auth/api-keys/{id}', createdApiKeySchema)
  async create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: newApiKeySchema }) body: NewApiKeyBody,
  ): Promise<ApiKeyView & { key: string }> {
    const { key, apiKey } = await this.keys.create(principal, body);
    return { ...apiKeyView(apiKey), key };
  }

  @Get()
  @Fails('AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({ summary: 'List your API keys', description: 'The keys themselves are not returned.' })
  @ApiOkResponse({ standardSchema: apiKeysSchema })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: apiKeysQuerySchema }) _query: object,
  ): Promise<{ items: ApiKeyView[] }> {
    return { items: (await this.keys.list(principal)).map(apiKeyView) };
  }

  @Get(':id')
  @Fails('AUTH_API_KEY_NOT_FOUND')
  @ApiOperation({
    summary: 'Get one of your API keys, without the key itself',
    description: 'Revoked keys are not found.',
  })
  @ApiOkResponse({ standardSchema: apiKeySchema })
  async get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: apiKeyIdSchema }) id: string,
  ): Promise<ApiKeyView> {
    return apiKeyView(await this.keys.find(principal, id));
  }

  @Delete(':id')
  @Fails('AUTH_API_KEY_NOT_FOUND', 'AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({
    summary: 'Revoke an API key',
    description: 'It stops working within 2 seconds, and its sockets close.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The key no longer works' })
  revoke(@CurrentPrincipal() principal: Principal, @Param('id', { schema: apiKeyIdSchema }) id: string): Promise<void> {
    return this.keys.revoke(principal, id);
  }
}
