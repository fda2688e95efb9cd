import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { z } from 'zod';
import { Roles } from '#auth';
import { BackgroundTasks } from '#background';
import { Breakers } from '#resilience';
import { breakersSchema, tasksSchema } from './system.dto.js';

/** State of the process that answers, for operators. Other processes have breakers and tasks of their own. */
@ApiTags('system')
@ApiBearerAuth()
@Roles('operator')
@Controller('v1/system')
export class SystemController {
  constructor(
    private readonly breakers: Breakers,
    private readonly tasks: BackgroundTasks,
  ) {}

  @Get('breakers')
  @ApiOperation({ operationId: 'breakersList', summary: 'List the circuit breakers of this process' })
  @ApiOkResponse({ standardSchema: breakersSchema })
  listBreakers(): z.infer<typeof breakersSchema> {
    return { items: this.breakers.list().map((view) => ({ ...view, since: view.since?.toISOString() ?? null })) };
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
