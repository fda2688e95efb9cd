import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Creates } from '#http';
import { Idempotent } from '#idempotency';
import { Costly, RateClass } from '#throttling';
import { Fails } from '#http';
import {
  ruleIdSchema,
  type RuleInput,
  ruleInputSchema,
  type RulePatch,
  rulePatchSchema,
  ruleSchema,
  type RulesPage,
  rulesPageSchema,
  type RulesQuery,
  rulesQuerySchema,
  type RuleView,
} from './rules/alert-rule.dto.js';
import { AlertRulesService } from './rules/alert-rules.service.js';
import { type Trial, trialInputSchema, type TrialInput, trialSchema } from './trials/alert-trial.dto.js';
import { AlertTrials } from './trials/alert-trials.service.js';

@ApiTags('alerts')
@ApiBearerAuth()
@Controller('v1/alert-rules')
export class AlertRulesController {
  constructor(
    private readonly rules: AlertRulesService,
    private readonly trials: AlertTrials,
  ) {}

  @Get()
  @Fails('ALERTS_NOT_YOURS')
  @ApiOperation({
    summary: 'List your alert rules. Operators see all',
    description: '`issues` of a rule names fields that its event types lack.',
  })
  @ApiOkResponse({ standardSchema: rulesPageSchema })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: rulesQuerySchema }) query: RulesQuery,
  ): Promise<RulesPage> {
    return this.rules.list(principal, query);
  }

  @Get(':id')
  @Fails('ALERTS_RULE_NOT_FOUND')
  @ApiOperation({ summary: 'Get an alert rule', description: 'Users see their own rules, operators all.' })
  @ApiOkResponse({ standardSchema: ruleSchema })
  get(@CurrentPrincipal() principal: Principal, @Param('id', { schema: ruleIdSchema }) id: string): Promise<RuleView> {
    return this.rules.get(principal, id);
  }

  @Post()
  @Fails(
    'ALERTS_CHANNEL_UNKNOWN',
    'ALERTS_FIELD_UNKNOWN',
    'ALERTS_DESK_FOR_OPERATORS',
    'ALERTS_PATTERNS_TOO_LARGE',
    'ALERTS_RULES_TOO_LARGE',
    'ALERTS_TOO_MANY_RULES',
  )
  @Idempotent()
  @Roles('trader')
  @ApiOperation({
    summary: 'Create a rule. It matches every event recorded from then on',
    description: 'Events before it can be tried with `POST /v1/alert-rules/test`.',
  })
  @Creates('/v1/alert-rules/{id}', ruleSchema)
  create(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: ruleInputSchema }) body: RuleInput,
  ): Promise<RuleView> {
    return this.rules.create(principal, body);
  }

  @Post('test')
  @Fails(
    'ALERTS_CHANNEL_UNKNOWN',
    'ALERTS_EVALUATION_STOPPED',
    'ALERTS_FIELD_UNKNOWN',
    'ALERTS_RULE_NOT_FOUND',
    'THREADS_BUSY',
  )
  @Roles('trader')
  @HttpCode(200)
  @RateClass('bulk')
  @Costly()
  @ApiOperation({
    summary: 'Test a rule on past events: show its matches and messages without raising alerts',
    description: 'Give either a `rule` that is not saved, or a `ruleId`.',
  })
  @ApiOkResponse({ standardSchema: trialSchema })
  test(@CurrentPrincipal() principal: Principal, @Body({ schema: trialInputSchema }) body: TrialInput): Promise<Trial> {
    return this.trials.run(principal, body);
  }

  @Patch(':id')
  @Fails(
    'ALERTS_CHANNEL_UNKNOWN',
    'ALERTS_FIELD_UNKNOWN',
    'ALERTS_PATTERNS_TOO_LARGE',
    'ALERTS_RULES_TOO_LARGE',
    'ALERTS_RULE_BUILT_IN',
    'ALERTS_RULE_NOT_FOUND',
  )
  @Roles('trader')
  @ApiOperation({
    summary: 'Change the given fields of a rule',
    description:
      'Events that are recorded from then on are matched by the changed rule. Of a built-in rule only some fields can change.',
  })
  @ApiOkResponse({ standardSchema: ruleSchema })
  change(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: ruleIdSchema }) id: string,
    @Body({ schema: rulePatchSchema }) body: RulePatch,
  ): Promise<RuleView> {
    return this.rules.change(principal, id, body);
  }

  @Delete(':id')
  @Fails('ALERTS_RULE_BUILT_IN', 'ALERTS_RULE_NOT_FOUND')
  @Roles('trader')
  @HttpCode(204)
  @ApiOperation({
    summary: 'Delete a rule. Its alerts are kept',
    description: 'A built-in rule cannot be deleted, but disabled.',
  })
  @ApiNoContentResponse()
  remove(@CurrentPrincipal() principal: Principal, @Param('id', { schema: ruleIdSchema }) id: string): Promise<void> {
    return this.rules.remove(principal, id);
  }
}
