import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
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

  /** Saves one's session at a broker. The last token wins; the same again changes nothing. */
  @Put()
  @ApiOperation({ summary: "Save one's session with a broker; its token never comes back" })
  @Roles('trader')
  @ApiOkResponse({ standardSchema: savedSessionSchema })
  put(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: putSessionSchema }) body: PutSession,
  ): Promise<SavedSession> {
    return this.sessions.save(principal.userId, body);
  }

  /** One's own; operators see all. */
  @Get()
  @ApiOperation({ summary: "One's broker sessions" })
  @ApiOkResponse({ standardSchema: sessionsPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: sessionsQuerySchema }) query: SessionsQuery,
  ): Promise<SessionsPage> {
    return this.sessions.list(principal, query);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One broker session' })
  @ApiOkResponse({ standardSchema: sessionSchema })
  get(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: sessionIdSchema }) id: string,
  ): Promise<SessionView> {
    return this.sessions.get(principal, id);
  }

  /** Ends a session and erases its token. Again is no error. */
  @Delete(':id')
  @ApiOperation({ summary: 'End a broker session' })
  @HttpCode(204)
  @Roles('trader')
  @ApiNoContentResponse({ description: 'The session is closed and its token erased' })
  close(@CurrentPrincipal() principal: Principal, @Param('id', { schema: sessionIdSchema }) id: string): Promise<void> {
    return this.sessions.close(principal, id);
  }
}
