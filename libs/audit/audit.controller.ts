import { Controller, Get, Query } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Roles } from '#auth';
import { type Page, pageFrom } from '#http';
import { firstUuidFrom } from '#ids';
import { Costly } from '#throttling';
import {
  auditPageSchema,
  type AuditQuery,
  auditQuerySchema,
  type AuditRecordView,
  auditRecordView,
} from './audit.dto.js';
import { AuditRecordsRepository } from './audit-records.repository.js';

@ApiTags('audit')
@ApiBearerAuth()
@Roles('admin')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly records: AuditRecordsRepository) {}

  @Get()
  @Costly()
  @ApiOperation({
    summary: 'List audit records by actor, subject, action and time',
    description: 'Records are written in the transaction of the change, and never changed.',
  })
  @ApiOkResponse({ standardSchema: auditPageSchema })
  async list(@Query({ schema: auditQuerySchema }) query: AuditQuery): Promise<Page<AuditRecordView>> {
    const { actorId, subjectId, action, correlationId, from, to, sort, limit, cursor } = query;
    const rows = await this.records.page({
      actor: actorId,
      subject: subjectId,
      actions: action,
      correlationId,
      fromId: from && firstUuidFrom(from),
      toId: to && firstUuidFrom(to),
      oldestFirst: sort === 'occurredAt',
      after: cursor,
      limit: limit + 1,
    });
    return pageFrom(rows, limit, ({ id }) => id, auditRecordView);
  }
}
