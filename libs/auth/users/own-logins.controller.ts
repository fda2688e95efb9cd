import { Controller, Delete, Get, HttpCode, Param } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Fails } from '#http';
import { CurrentPrincipal } from '../auth.decorators.js';
import type { Principal } from '../principal.js';
import {
  activeLoginView,
  type EndedLogins,
  endedLoginsSchema,
  loginIdSchema,
  type OwnLogins,
  ownLoginsSchema,
} from './user-access.dto.js';
import { UserAccess } from './user-access.service.js';

@ApiTags('auth')
@ApiBearerAuth()
@Controller('v1/auth/logins')
export class OwnLoginsController {
  constructor(private readonly access: UserAccess) {}

  @Get()
  @Fails('AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({
    summary: 'List your active logins, newest first',
    description: 'Each with its client, its address and its last refresh. `current` is the one of this request.',
  })
  @ApiOkResponse({ standardSchema: ownLoginsSchema })
  async list(@CurrentPrincipal() principal: Principal): Promise<OwnLogins> {
    const logins = await this.access.listOwnLogins(principal);
    return { items: logins.map((login) => ({ ...activeLoginView(login), current: login.id === principal.loginId })) };
  }

  @Delete()
  @Fails('AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({
    summary: 'End your other logins, with their tokens and sockets',
    description: 'The login of this request stays. `POST /v1/auth/logout` ends it.',
  })
  @ApiOkResponse({ standardSchema: endedLoginsSchema })
  async endOthers(@CurrentPrincipal() principal: Principal): Promise<EndedLogins> {
    return { ended: await this.access.endOwnLogins(principal) };
  }

  @Delete(':loginId')
  @Fails('AUTH_LOGIN_NOT_FOUND', 'AUTH_SIGN_IN_REQUIRED')
  @ApiOperation({
    summary: 'End one of your logins, with its tokens and sockets',
    description: 'Also the one of this request.',
  })
  @HttpCode(204)
  @ApiNoContentResponse({ description: 'The login and all its tokens have ended' })
  async end(
    @CurrentPrincipal() principal: Principal,
    @Param('loginId', { schema: loginIdSchema }) loginId: string,
  ): Promise<void> {
    await this.access.endOwnLogins(principal, loginId);
  }
}
