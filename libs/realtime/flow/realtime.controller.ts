import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { RealtimeReport, type RealtimeState } from './realtime-report.js';
import { realtimeStateSchema } from './realtime-state.dto.js';

@ApiTags('system')
@ApiBearerAuth()
@Controller('v1/system/realtime')
export class RealtimeController {
  constructor(private readonly report: RealtimeReport) {}

  /** The sockets of the process that answers. Counts begin when the process starts. */
  @Get()
  @Roles('operator')
  @ApiOperation({
    summary: 'Show the sockets of this process',
    description: 'Use of the connection budgets, peaks, and clients that read too slowly.',
  })
  @ApiOkResponse({ standardSchema: realtimeStateSchema })
  show(): RealtimeState {
    return this.report.state();
  }
}
