import { Controller, Get } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { Costly } from '#throttling';
import { type ReplicationAnswer, replicationAnswer, replicationSchema } from './replication.dto.js';
import { ReplicationService } from './standing/replication.service.js';

@ApiTags('replication')
@ApiBearerAuth()
@Roles('operator')
@Controller('v1/replication')
export class ReplicationController {
  constructor(private readonly replication: ReplicationService) {}

  @Get()
  @Costly()
  @ApiOperation({
    operationId: 'replicationShow',
    summary: 'Show the replication to the secondary region',
    description:
      'Lag and slots as the primary sees them; subscription, errors and conflicts as the secondary sees them.',
  })
  @ApiOkResponse({ standardSchema: replicationSchema })
  async show(): Promise<ReplicationAnswer> {
    return replicationAnswer(await this.replication.view());
  }
}
