import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Fails } from '#http';
import {
  type PutSession,
  putSessionSchema,
  type SavedSession,
  savedSessionSchema,
  sessionIdSchema,
  sessionSchema,
  type SessionsPage,
  sessionsPageSchema,
  type SessionsQuery,
  sessionsQuerySchema,
  type SessionView,
} from './session.dto.js';
import { SessionsService } from './sessions.service.js';

@ApiTags('sessions')
@ApiBearerAuth()
@Controller('v1/sessions')
export class SessionsController {
  constructor(private readonly sessions: SessionsService) {}

  @Put()
  @Fails('SESSIONS_TOO_MANY')
  @ApiOperation({
    summary: 'Save your session with a broker',
    description: 'The last token wins. Saving the same again changes nothing. The token is never returned.',
  })
  @Roles('trader')
  @ApiOkResponse({ standardSchema: savedSessionSchema })
  put(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: putSessionSchema }) body: PutSession,
  ): Promise<SavedSession> {
    return this.sessions.save(principal.userId, body);
  }

  @Get()
  @Fails('SESSIONS_NOT_YOURS')
  @ApiOperation({
    summary: 'List broker sessions',
    description: 'Traders and viewers see their own, operators see all.',
  })
  @ApiOkResponse({ standardSchema: sessionsPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: sessionsQuerySchema }) query: SessionsQuery,
  ): Promise<SessionsPage> {
    return this.sessions.list(principal, query);
  }

  @Get(':id')
  @Fails('SESSIONS_NOT_FOUND')
  @ApiOperation({ summary: 'Read a broker session', description: 'Without its tokens, which are never returned.' })
  @ApiOkResponse({ standardSchema: sessionSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: sessionIdSchema }) id: string,
  ): Promise<SessionView> {
    return this.sessions.get(principal, id);
  }

  @Delete(':id')
  @Fails('SESSIONS_NOT_FOUND')
  @ApiOperation({ summary: 'Close a broker session and erase its token', description: 'Closing it again succeeds.' })
  @HttpCode(204)
  @Roles('trader')
  @ApiNoContentResponse({ description: 'The session is closed and its token is erased. Closing it again succeeds.' })
  close(@CurrentPrincipal() principal: Principal, @Param('id', { schema: sessionIdSchema }) id: string): Promise<void> {
    return this.sessions.close(principal, id);
  }
}
