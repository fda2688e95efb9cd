import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Roles } from '#auth';
import { BackgroundTasks, DeskRole } from '#background';
import { Database, Startup } from '#database';
import { Breakers, ChannelTimeouts } from '#resilience';
import { breakersSchema, startReportSchema, tasksSchema } from './system.dto.js';

/** State of the process that answers, for operators. Other processes have breakers and tasks of their own. */
@ApiTags('system')
@ApiBearerAuth()
@Roles('operator')
@Controller('v1/system')
export class SystemController {
  constructor(
    private readonly breakers: Breakers,
    private readonly timeouts: ChannelTimeouts,
    private readonly tasks: BackgroundTasks,
    private readonly startup: Startup,
    private readonly database: Database,
    private readonly role: DeskRole,
  ) {}

  @Get('breakers')
  @ApiOperation({
    operationId: 'breakersList',
    summary: 'List the circuit breakers and timeouts of this process',
    description: 'Other processes have breakers of their own.',
  })
  @ApiOkResponse({ standardSchema: breakersSchema })
  listBreakers(): z.infer<typeof breakersSchema> {
    const items = this.breakers.list().map((view) => ({ ...view, since: view.since?.toISOString() ?? null }));
    return { items, timeouts: this.timeouts.list() };
  }

  @Get('startup')
  @ApiOperation({
    operationId: 'startupShow',
    summary: 'Show how this process started',
    description: 'The phases of the start with their durations, and the state that the process is in.',
  })
  @ApiOkResponse({ standardSchema: startReportSchema })
  showStartup(): z.infer<typeof startReportSchema> {
    const { phase, steps, pendingMigrations, isReady } = this.startup;
    const began = steps.map(({ at }) => Date.parse(at));
    return {
      phase,
      startedAt: steps[0]?.at ?? null,
      durationMs: isReady ? began.at(-1)! - began[0]! : null,
      role: this.role.name,
      readOnly: this.database.readOnly,
      pendingMigrations,
      steps: steps.map((step, n) => ({
        ...step,
        durationMs: began[n + 1] === undefined ? null : began[n + 1]! - began[n]!,
      })),
    };
  }

  @Get('tasks')
  @ApiOperation({
    operationId: 'tasksList',
    summary: 'List the background tasks of this process',
    description: 'Each task with its last run and its next one, by name.',
  })
  @ApiOkResponse({ standardSchema: tasksSchema })
  listTasks(): z.infer<typeof tasksSchema> {
    return {
      items: this.tasks.list().map((task) => ({
        ...task,
        lastRunAt: task.lastRunAt?.toISOString() ?? null,
        nextRunAt: task.nextRunAt?.toISOString() ?? null,
      })),
    };
  }
}
