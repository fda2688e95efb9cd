import type { Readable } from 'node:stream';
import { Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Idempotent } from '#idempotency';
import type { OrderKey } from '#text';
import { RateClass } from '#throttling';
import { Creates, Fails, invalidRequest, pageFrom, Upload } from '#http';
import { DryRuns } from './dry-runs.js';
import { InstrumentImporter } from './instrument-importer.js';
import { GUARD_ERRORS } from '../import.errors.js';
import { IMPORT_ERRORS } from '../instruments.errors.js';
import { mappingOfText } from '../mappings/given-mapping.js';
import { MappingsService } from '../mappings/mappings.service.js';
import type { MasterMapping } from '../masters/master-mapping.js';
import {
  type ChangesPage,
  changesPageSchema,
  type ChangesQuery,
  changesQuerySchema,
  dryRunSchema,
  type DryRunView,
  importOrder,
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
import type { ImportRow } from './imports.repository.js';
import { ImportsService } from './imports.service.js';
import { type UploadedMaster, uploadOf } from './upload.js';

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
    private readonly dryRuns: DryRuns,
    private readonly mappings: MappingsService,
    private readonly imports: ImportsService,
  ) {}

  /**
   * Imports the master in the body: raw (plain or gzip, detected by content) or the file of a multipart form, as a stream.
   * Not @Idempotent(): the content of a stream is known at its end only, and a repetition changes no instrument.
   */
  @Post()
  @Fails(...IMPORT_ERRORS, ...GUARD_ERRORS)
  @ApiOperation({
    summary: "Import a broker's instrument master, streamed",
    description:
      'A master that is not built in takes a mapping: the part `mapping` of a multipart form, or the name of a stored one. With `dryRun=true` nothing is stored, and the answer is 200. Idempotent by itself, so it takes no Idempotency-Key: the same file again is another import with every row `unchanged`. GET /v1/instruments/imports shows whether an import with a lost answer succeeded.',
  })
  @RateClass('bulk')
  @Upload()
  @ApiConsumes('text/csv', 'application/gzip', 'application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOkResponse({ standardSchema: dryRunSchema, description: 'With dryRun=true' })
  @Creates('/v1/instruments/imports/{importId}', importResultSchema)
  async import(
    @CurrentPrincipal() { userId }: Principal,
    @Query({ schema: importQuerySchema }) { broker, mapping: name, dryRun, force, partial }: ImportQuery,
    @Req() request: UploadRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ImportResultView | DryRunView> {
    const stored = name === undefined ? undefined : await this.mappings.open(broker, name);
    const upload = await uploadOf(request.body, request.uploadType);
    const mapping = oneMapping(stored, upload);
    const options = { broker, force, partial, ...(mapping && { mapping }) };
    if (!dryRun) return this.importer.import(upload.bytes, { ...options, source: upload.name, userId });
    void reply.status(200);
    return this.dryRuns.run(upload.bytes, options);
  }

  /** Imports and rollbacks. */
  @Get()
  @ApiOperation({ summary: 'List imports, by default newest first', description: 'Rollbacks are imports too.' })
  @ApiOkResponse({ standardSchema: importsPageSchema })
  async list(@Query({ schema: importsQuerySchema }) query: ImportsQuery): Promise<ImportsPage> {
    const { broker, kind, sort, limit, cursor } = query;
    const found = await this.imports.list({ brokers: broker, kinds: kind, sort, after: cursor, limit: limit + 1 });
    return pageFrom(found, limit, (row) => importKey(sort, row));
  }

  /** One import and a page of its issues. */
  @Get(':id')
  @Fails('INSTRUMENTS_IMPORT_NOT_FOUND')
  @ApiOperation({
    summary: 'Get an import with its warnings and quarantined rows',
    description: 'At most 10,000 issues of an import are stored.',
  })
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

  /** What an import changed: each contract with the fields that differ. */
  @Get(':id/changes')
  @Fails('INSTRUMENTS_IMPORT_NOT_FOUND')
  @ApiOperation({
    summary: 'List the contracts that an import changed, with the values before and after',
    description: 'Each contract once, with the fields that differ.',
  })
  @ApiOkResponse({ standardSchema: changesPageSchema })
  async changes(
    @Param('id', { schema: importIdSchema }) id: string,
    @Query({ schema: changesQuerySchema }) { action, limit, cursor }: ChangesQuery,
  ): Promise<ChangesPage> {
    const filter = { limit: limit + 1, ...(action && { action }), ...(cursor && { after: cursor }) };
    return pageFrom(await this.imports.changesOf(id, filter), limit, ({ instrumentId }) => instrumentId);
  }

  /** Restores the broker's instruments to their state right after this import. A rollback is an import too, so it can be undone. */
  @Post(':id/rollback')
  @Fails('INSTRUMENTS_IMPORT_NOT_FOUND', 'INSTRUMENTS_IMPORT_RUNNING')
  @Idempotent()
  @ApiOperation({
    summary: "Restore a broker's instruments to their state right after an import",
    description: 'A rollback is an import too, so it can be undone.',
  })
  @Creates('/v1/instruments/imports/{importId}', importResultSchema)
  rollback(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: importIdSchema }) id: string,
  ): Promise<ImportResultView> {
    return this.imports.rollbackTo(id, principal.userId);
  }
}

/** @throws DomainError REQUEST_INVALID if the request names a stored mapping and brings one */
function oneMapping(stored: MasterMapping | undefined, { mapping }: UploadedMaster): MasterMapping | undefined {
  if (mapping === undefined) return stored;
  if (stored !== undefined)
    throw invalidRequest([{ field: 'mapping', allowed: 'either the name of a stored mapping or a part of the form' }]);
  return mappingOfText(mapping);
}

function importKey(sort: ImportsQuery['sort'], row: ImportRow): OrderKey {
  const { id, broker, inserted, updated, relisted, delisted, quarantined } = row;
  const counts = { inserted, updated, relisted, delisted, quarantined };
  const texts = Object.fromEntries(Object.entries(counts).map(([name, count]) => [name, String(count)]));
  return importOrder.keyOf(sort, id, { createdAt: '', broker, ...(texts as Record<keyof typeof counts, string>) });
}
