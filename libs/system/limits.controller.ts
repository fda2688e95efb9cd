import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { LimitReports, Peers } from '#throttling';
import { type LimitReportsAnswer, limitReportsSchema } from './limit-report.dto.js';

@ApiTags('system')
@ApiBearerAuth()
@Controller('v1/system/limits')
export class LimitsController {
  constructor(
    private readonly reports: LimitReports,
    private readonly peers: Peers,
  ) {}

  /** The limits that count requests, sign-ins and sockets, as the process that answers sees them. */
  @Get()
  @Roles('operator')
  @ApiOperation({
    operationId: 'limitsList',
    summary: 'List the limits of requests, sign-ins and sockets',
    description: 'Each limit with its use, its refusals, and whether Redis or this process alone counts it.',
  })
  @ApiOkResponse({ standardSchema: limitReportsSchema })
  list(): LimitReportsAnswer {
    const items = this.reports.list().map((report) => ({ ...report, headroom: headroomOf(report.limit, report.used) }));
    return { processes: this.peers.processes, items };
  }
}

function headroomOf(limit: number, used: number | null): number | null {
  return used === null || limit === 0 ? null : Math.max(0, 1 - used / limit);
}
