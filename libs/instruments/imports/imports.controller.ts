import type { Readable } from 'node:stream';
import { Controller, Get, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Idempotent } from '#idempotency';
import { RateClass } from '#throttling';
import { Creates, Fails, pageFrom, Upload } from '#http';
import { InstrumentImporter } from './instrument-importer.js';
import { IMPORT_ERRORS } from '../instruments.errors.js';
import {
  type ImportQuery,
  importQuerySchema,
  type IssuesQuery,
  issuesQuerySchema,
  type ImportDetail,
  importDetailSchema,
  importIdSchema,
  type ImportResultView,
  importResultSchema,
  type ImportsPage,
  importsPageSchema,
  type ImportsQuery,
  importsQuerySchema,
} from './import.dto.js';
import { ImportsService } from './imports.service.js';
import { uploadOf } from './upload.js';

/** The unread request of an upload route, with the content type of the client. */
interface UploadRequest {
  body: Readable;
  uploadType?: string;
}

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments/imports')
@Roles('operator')
export class ImportsController {
  constructor(
    private readonly importer: InstrumentImporter,
    private readonly imports: ImportsService,
  ) {}

  /**
   * Imports the master in the body: raw (plain or gzip, detected by content) or the file of a multipart form, as a stream.
   * Not @Idempotent(): the content of a stream is known at its end only, and a repetition changes no instrument.
   */
  @Post()
  @Fails(...IMPORT_ERRORS)
  @ApiOperation({
    summary: "Import a broker's instrument master, streamed",
    description:
      'Idempotent by itself, so it takes no Idempotency-Key: the same file again is another import with every row `unchanged`. GET /v1/instruments/imports shows whether an import with a lost answer succeeded.',
  })
  @RateClass('bulk')
  @Upload()
  @ApiConsumes('text/csv', 'application/gzip', 'application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @Creates('/v1/instruments/imports/{importId}', importResultSchema)
  async import(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: importQuerySchema }) query: ImportQuery,
    @Req() request: UploadRequest,
  ): Promise<ImportResultView> {
    const { name, bytes } = await uploadOf(request.body, request.uploadType);
    return this.importer.import(bytes, {
      broker: query.broker,
      force: query.force,
      source: name,
      userId: principal.userId,
    });
  }

  /** Imports and rollbacks, newest first. */
  @Get()
  @ApiOperation({ summary: 'List imports, newest first' })
  @ApiOkResponse({ standardSchema: importsPageSchema })
  async list(@Query({ schema: importsQuerySchema }) { broker, limit, cursor }: ImportsQuery): Promise<ImportsPage> {
    const found = await this.imports.list({ broker, limit: limit + 1, before: cursor });
    return pageFrom(found, limit, ({ id }) => id);
  }

  /** One import and a page of its issues. */
  @Get(':id')
  @Fails('INSTRUMENTS_IMPORT_NOT_FOUND')
  @ApiOperation({ summary: 'Get an import with its warnings and quarantined rows' })
  @ApiOkResponse({ standardSchema: importDetailSchema })
  async get(
    @Param('id', { schema: importIdSchema }) id: string,
    @Query({ schema: issuesQuerySchema }) { limit, cursor }: IssuesQuery,
  ): Promise<ImportDetail> {
    const record = await this.imports.get(id);
    const found = await this.imports.issues(id, limit + 1, cursor);
    const issues = pageFrom(
      found,
      limit,
      (row) => row.id,
      ({ id: _id, ...issue }) => issue,
    );
    return { ...record, issues };
  }

  /** Restores the broker's instruments to their state right after this import. A rollback is an import too, so it can be undone. */
  @Post(':id/rollback')
  @Fails('INSTRUMENTS_IMPORT_NOT_FOUND', 'INSTRUMENTS_IMPORT_RUNNING')
  @Idempotent()
  @ApiOperation({ summary: "Restore a broker's instruments to their state right after an import" })
  @Creates('/v1/instruments/imports/{importId}', importResultSchema)
  rollback(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: importIdSchema }) id: string,
  ): Promise<ImportResultView> {
    return this.imports.rollbackTo(id, principal.userId);
  }
}
