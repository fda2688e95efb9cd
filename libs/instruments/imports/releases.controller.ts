import type { Readable } from 'node:stream';
import { Controller, Get, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Idempotent } from '#idempotency';
import { RateClass } from '#throttling';
import { decodeCursor, encodeCursor, Upload } from '#http';
import { InstrumentImporter } from './instrument-importer.js';
import {
  type ImportQuery,
  importQuerySchema,
  type IssuesQuery,
  issuesQuerySchema,
  type ReleaseDetail,
  releaseDetailSchema,
  releaseIdSchema,
  type ReleaseResultView,
  releaseResultSchema,
  type ReleasesPage,
  releasesPageSchema,
  type ReleasesQuery,
  releasesQuerySchema,
} from './release.dto.js';
import { ReleasesService } from './releases.service.js';
import { uploadOf } from './upload.js';

/** The request as the upload routes get it: unread, with the type that the client gave. */
interface UploadRequest {
  body: Readable;
  uploadType?: string;
}

@ApiTags('instruments')
@ApiBearerAuth()
@Controller('v1/instruments/imports')
@Roles('operator')
export class ReleasesController {
  constructor(
    private readonly importer: InstrumentImporter,
    private readonly releases: ReleasesService,
  ) {}

  /**
   * The master as the body: raw (plain or gzip, told apart by content) or as the file of a multipart form. Streamed, of any size.
   * Not @Idempotent(): what a stream holds is known when it has ended, and a repetition changes no instrument by itself.
   */
  @Post()
  @ApiOperation({
    summary: "Import a broker's instrument master, streamed",
    description:
      'Idempotent by itself, so it takes no Idempotency-Key: the same file again is another release with every row `unchanged`. Ask GET /v1/instruments/imports whether one whose answer was lost went through.',
  })
  @HttpCode(200)
  @RateClass('bulk')
  @Upload()
  @ApiConsumes('text/csv', 'application/gzip', 'application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOkResponse({ standardSchema: releaseResultSchema })
  async import(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: importQuerySchema }) query: ImportQuery,
    @Req() request: UploadRequest,
  ): Promise<ReleaseResultView> {
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
  @ApiOperation({ summary: 'Imports, newest first' })
  @ApiOkResponse({ standardSchema: releasesPageSchema })
  async list(@Query({ schema: releasesQuerySchema }) { broker, limit, cursor }: ReleasesQuery): Promise<ReleasesPage> {
    const before = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.uuid()]))[0];
    const found = await this.releases.list({ broker, limit: limit + 1, before });
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? encodeCursor([items.at(-1)!.id]) : null };
  }

  /** One release and a page of its issues. */
  @Get(':id')
  @ApiOperation({ summary: 'One import with its warnings and quarantined rows' })
  @ApiOkResponse({ standardSchema: releaseDetailSchema })
  async get(
    @Param('id', { schema: releaseIdSchema }) id: string,
    @Query({ schema: issuesQuerySchema }) { limit, cursor }: IssuesQuery,
  ): Promise<ReleaseDetail> {
    const after = cursor === undefined ? undefined : decodeCursor(cursor, z.tuple([z.string().regex(/^\d{1,18}$/)]))[0];
    const release = await this.releases.get(id);
    const found = await this.releases.issues(id, limit + 1, after);
    const page = found.slice(0, limit);
    const nextCursor = found.length > limit ? encodeCursor([page.at(-1)!.id]) : null;
    return { ...release, issues: { items: page.map(({ id: _id, ...issue }) => issue), nextCursor } };
  }

  /** Makes the broker's instruments what they were right after this release. A release itself, so it can be undone. */
  @Post(':id/rollback')
  @Idempotent()
  @ApiOperation({ summary: 'Make the instruments what they were right after an import' })
  @HttpCode(200)
  @ApiOkResponse({ standardSchema: releaseResultSchema })
  rollback(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: releaseIdSchema }) id: string,
  ): Promise<ReleaseResultView> {
    return this.releases.rollbackTo(id, principal.userId);
  }
}
