import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { type BreakersAnswer, breakersSchema } from './breaker.dto.js';
import { Breakers } from './breakers.js';

@ApiTags('system')
@ApiBearerAuth()
@Controller('v1/system/breakers')
export class BreakersController {
  constructor(private readonly breakers: Breakers) {}

  /** The breakers of the process that answers; another process has its own. */
  @Get()
  @ApiOperation({ summary: 'The circuit breakers of this process' })
  @Roles('operator')
  @ApiOkResponse({ standardSchema: breakersSchema })
  list(): BreakersAnswer {
    return { items: this.breakers.list().map((view) => ({ ...view, since: view.since?.toISOString() ?? null })) };
  }
}
