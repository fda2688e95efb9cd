import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails } from '#http';
import { apiKeyIdSchema, apiKeysSchema, type ApiKeyView, apiKeyView } from '../api-keys/api-key.dto.js';
import { CurrentPrincipal, Roles } from '../auth.decorators.js';
import { type Principal, requireLogin } from '../principal.js';
import { activeLoginsSchema, type ActiveLoginView, activeLoginView, loginIdSchema } from './user-access.dto.js';
import { UserAccess } from './user-access.service.js';
import { userIdSchema } from './user.dto.js';

const UserId = () => Param('id', { schema: userIdSchema });

@ApiTags('users')
@ApiBearerAuth()
@Roles('admin')
@Controller('v1/users/:id')
export class UserAccessController {
  constructor(private readonly access: UserAccess) {}

  @Get('api-keys')
  @Fails('AUTH_USER_NOT_FOUND')
  @ApiOperation({ summary: 'List the active API keys of a user', description: 'The keys themselves are not returned.' })
  @ApiOkResponse({ standardSchema: apiKeysSchema })
  async keys(@UserId() id: string): Promise<{ items: ApiKeyView[] }> {
    return { items: (await this.access.listKeys(id)).map(apiKeyView) };
  }

  @Delete('api-keys')
  @Fails('AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'Revoke every API key of a user',
    description: 'Each key stops working within 2 seconds, and its sockets close. Takes a sign-in, not an API key.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'Every API key of the user is revoked' })
  async endKeys(@CurrentPrincipal() principal: Principal, @UserId() id: string): Promise<void> {
    requireLogin(principal);
    await this.access.endKeys(id);
  }

  @Delete('api-keys/:keyId')
  @Fails('AUTH_API_KEY_NOT_FOUND', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'Revoke an API key of a user',
    description: 'The key stops working within 2 seconds, and its sockets close. Takes a sign-in, not an API key.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The key no longer works' })
  async endKey(
    @CurrentPrincipal() principal: Principal,
    @UserId() id: string,
    @Param('keyId', { schema: apiKeyIdSchema }) keyId: string,
  ): Promise<void> {
    requireLogin(principal);
    await this.access.endKeys(id, keyId);
  }

  @Get('logins')
  @Fails('AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'List the active logins of a user',
    description: 'Each with its client and its last refresh.',
  })
  @ApiOkResponse({ standardSchema: activeLoginsSchema })
  async logins(@UserId() id: string): Promise<{ items: ActiveLoginView[] }> {
    return { items: (await this.access.listLogins(id)).map(activeLoginView) };
  }

  @Delete('logins')
  @Fails('AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'End every login of a user, with its tokens and sockets',
    description: 'Takes a sign-in, not an API key: a leaked key must not sign out all users.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The user is signed out everywhere' })
  async endLogins(@CurrentPrincipal() principal: Principal, @UserId() id: string): Promise<void> {
    requireLogin(principal);
    await this.access.endLogins(id);
  }

  @Delete('logins/:loginId')
  @Fails('AUTH_LOGIN_NOT_FOUND', 'AUTH_SIGN_IN_REQUIRED', 'AUTH_USER_NOT_FOUND')
  @ApiOperation({
    summary: 'End a login of a user, with its tokens and sockets',
    description: 'Takes a sign-in, not an API key.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The login and all its tokens have ended' })
  async endLogin(
    @CurrentPrincipal() principal: Principal,
    @UserId() id: string,
    @Param('loginId', { schema: loginIdSchema }) loginId: string,
  ): Promise<void> {
    requireLogin(principal);
    await this.access.endLogins(id, loginId);
  }
}
