import type { Readable } from 'node:stream';
import { Controller, HttpCode, Param, Post, Query, Req } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal, Roles } from '#auth';
import { Fails, Upload } from '#http';
import { RateClass } from '#throttling';
import { portfolioId } from '../wire-fields.js';
import { exportFilesOf } from './import-upload.js';
import {
  portfolioImport,
  type PortfolioImport,
  portfolioImportQuery,
  type PortfolioImportQuery,
} from './portfolio-import.dto.js';
import { PortfolioImportsService } from './portfolio-imports.service.js';

/** The unread request of an upload route, with the content type of the client. */
interface DocumentsRequest {
  body: Readable;
  uploadType?: string;
}

@ApiTags('portfolios')
@ApiBearerAuth()
@Controller('v1/portfolios')
export class PortfolioImportsController {
  constructor(private readonly imports: PortfolioImportsService) {}

  /** Not @Idempotent(): the content of a stream is known at its end only, and documents with a time are stored once by it. */
  @Post(':id/snapshot')
  @Fails(
    'PORTFOLIOS_ACCOUNT_MISMATCH',
    'PORTFOLIOS_CLOSED',
    'PORTFOLIOS_EXPORT_EMPTY',
    'PORTFOLIOS_EXPORT_UNREADABLE',
    'PORTFOLIOS_NOT_YOURS',
    'PORTFOLIOS_OWNER_MISMATCH',
    'PORTFOLIOS_OWNER_REFUSED',
    'PORTFOLIOS_REMOVED_MEANWHILE',
    'PORTFOLIOS_TOO_MANY',
    'PORTFOLIOS_TOO_MANY_POSITIONS',
    'PORTFOLIOS_TOO_MANY_POSITIONS_OF_USER',
  )
  @ApiOperation({
    summary: "Store a portfolio's snapshot from documents of its broker; `dryRun=true` shows what would be stored",
    description:
      'The body is one document, or a multipart form with several of one account, such as positions and holdings. One JSON object may also hold several documents as its fields. Takes no Idempotency-Key.',
  })
  @HttpCode(200)
  @Roles('trader')
  @RateClass('bulk')
  @Upload()
  @ApiConsumes('application/json', 'text/csv', 'application/xml', 'application/octet-stream', 'multipart/form-data')
  @ApiBody({ schema: { type: 'string', format: 'binary' } })
  @ApiOkResponse({ standardSchema: portfolioImport })
  async import(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: portfolioId }) id: string,
    @Query({ schema: portfolioImportQuery }) query: PortfolioImportQuery,
    @Req() request: DocumentsRequest,
  ): Promise<PortfolioImport> {
    const files = await exportFilesOf(request.body, request.uploadType, this.imports.bytesMax);
    return this.imports.import(principal, id, files, query);
  }
}
