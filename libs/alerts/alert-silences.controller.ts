import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Creates, Fails } from '#http';
import { Idempotent } from '#idempotency';
import {
  silenceIdSchema,
  type SilenceInput,
  silenceInputSchema,
  type SilencePatch,
  silencePatchSchema,
  silenceSchema,
  type SilencesPage,
  silencesPageSchema,
  type SilencesQuery,
  silencesQuerySchema,
  type SilenceView,
} from './silences/alert-silence.dto.js';
import { AlertSilences } from './silences/alert-silences.service.js';

const Id = () => Param('id', { schema: silenceIdSchema });

@ApiTags('alerts')
@ApiBearerAuth()
@Controller('v1/alert-silences')
export class AlertSilencesController {
  constructor(private readonly silences: AlertSilences) {}

  @Get()
  @Fails('ALERTS_NOT_YOURS')
  @ApiOperation({
    summary: 'List your silences, newest first. Operators see all',
    description: '`state=ended` lists those whose time is over.',
  })
  @ApiOkResponse({ standardSchema: silencesPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: silencesQuerySchema }) query: SilencesQuery,
  ): Promise<SilencesPage> {
    return this.silences.list(principal, query);
  }

  @Post()
  @Fails('ALERTS_DESK_FOR_OPERATORS', 'ALERTS_RULE_NOT_FOUND', 'ALERTS_TOO_MANY_SILENCES')
  @Idempotent()
  @Roles('trader')
  @ApiOperation({
    summary: 'Silence alerts of a rule, an instrument or a ticker until a time',
    description:
      'Silenced alerts are recorded and shown, with `silencedBy`, and are not sent to endpoints, critical ones included.',
  })
  @Creates('/v1/alert-silences/{id}', silenceSchema)
  create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: silenceInputSchema }) body: SilenceInput,
  ): Promise<SilenceView> {
    return this.silences.create(principal, body);
  }

  @Get(':id')
  @Fails('ALERTS_SILENCE_NOT_FOUND')
  @ApiOperation({ summary: 'Get a silence', description: 'Users see their own, operators all.' })
  @ApiOkResponse({ standardSchema: silenceSchema })
  get(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<SilenceView> {
    return this.silences.get(principal, id);
  }

  @Patch(':id')
  @Fails('ALERTS_SILENCE_NOT_FOUND', 'ALERTS_TOO_MANY_SILENCES')
  @Roles('trader')
  @ApiOperation({
    summary: 'Change the end or the reason of a silence',
    description: 'A silence that has ended may become active again.',
  })
  @ApiOkResponse({ standardSchema: silenceSchema })
  change(
    @CurrentPrincipal() principal: Principal,
    @Id() id: string,
    @Body({ schema: silencePatchSchema }) body: SilencePatch,
  ): Promise<SilenceView> {
    return this.silences.change(principal, id, body);
  }

  @Delete(':id')
  @Fails('ALERTS_SILENCE_NOT_FOUND')
  @Roles('trader')
  @HttpCode(204)
  @ApiOperation({
    summary: 'End a silence. The next alert is sent; those it silenced stay unsent',
    description: 'It is removed. The audit trail keeps who ended it.',
  })
  @ApiNoContentResponse({ description: 'The silence has ended' })
  remove(@CurrentPrincipal() principal: Principal, @Id() id: string): Promise<void> {
    return this.silences.remove(principal, id);
  }
}
