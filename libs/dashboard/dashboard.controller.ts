import { Controller, Get, Headers, Query, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation } from '@nestjs/swagger';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply } from 'fastify';
import type { Counter } from 'prom-client';
import { CurrentPrincipal, type Principal } from '#auth';
import { bodyText, viewOf } from './cut-view.js';
import { dashboardBody, type DashboardQuery, dashboardQuery } from './dashboard.dto.js';
import { DashboardService, type ServedCut } from './dashboard.service.js';
import { PanelSet } from './panel-set.js';
import { viewerOf } from './viewer-of.js';

@Controller('v1/dashboard')
export class DashboardController {
  constructor(
    private readonly dashboard: DashboardService,
    private readonly panels: PanelSet,
    @InjectMetric('dashboard_responses_total') private readonly responses: Counter,
  ) {}

  /** Written past Nest's serialiser: the text of a cut is made once, and a request only puts it together. */
  @Get()
  @ApiOperation({ summary: 'All panels as one consistent cut', description: 'Cache-Control: no-cache asks for a cut from the database.' })
  @ApiOkResponse({ standardSchema: dashboardBody })
  async show(
    @CurrentPrincipal() principal: Principal,
    @Query({ schema: dashboardQuery }) query: DashboardQuery,
    @Headers('cache-control') cacheControl: string | undefined,
    @Headers('if-none-match') ifNoneMatch: string | undefined,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const choice = this.panels.choose(query.panels);
    const wantsNew = cacheControl !== undefined && /\bno-cache\b/i.test(cacheControl);
    const served: ServedCut = (wantsNew ? undefined : this.dashboard.atHand()) ?? (await this.dashboard.fromDatabase());
    const view = viewOf(served.cut, choice, viewerOf(principal));
    // A stale copy is told apart, or a client would take "unchanged" for "still true".
    const etag = served.source === 'stale' ? `${view.etag.slice(0, -1)}-stale"` : view.etag;
    this.responses.inc({ source: served.source });
    void reply.header('etag', etag).header('cache-control', 'private, no-cache');
    if (ifNoneMatch !== undefined && matches(ifNoneMatch, etag)) void reply.code(304).send();
    else void reply.header('content-type', 'application/json; charset=utf-8').send(bodyText(view, served.source, served.ageMs));
  }
}

/** RFC 9110 section 13.1.2, compared weakly. */
function matches(header: string, etag: string): boolean {
  if (header === etag) return true;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag.slice(2));
}
