import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiQuery, ApiTags } from '@nestjs/swagger';
import { InjectMetric } from '@willsoto/nestjs-prometheus';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Counter } from 'prom-client';
import { principalOf } from '#auth';
import { Conditional, isUnchanged } from '#caching';
import { parseRequest, Fails } from '#http';
import { viewOf } from './cuts/cut-view.js';
import { dashboardBody, dashboardQuery } from './dashboard.dto.js';
import { DashboardService, type ServedCut } from './dashboard.service.js';
import { type PanelChoice, PanelSet } from './cuts/panel-set.js';
import { viewerOf } from './viewer-of.js';

@ApiTags('dashboard')
@ApiBearerAuth()
@Controller('v1/dashboard')
export class DashboardController {
  readonly #count: Record<string, Counter.Internal>;

  constructor(
    private readonly dashboard: DashboardService,
    private readonly panels: PanelSet,
    @InjectMetric('dashboard_responses_total') responses: Counter,
  ) {
    this.#count = Object.fromEntries(
      ['database', 'cache', 'stale'].map((source) => [source, responses.labels(source)]),
    );
  }

  /**
   * Returns all panels as one consistent cut. `Cache-Control: no-cache` asks for a new cut from the database.
   * It uses the raw request and reply. Each decorated parameter costs a promise in Nest's pipes, and Nest would serialize text
   * again that is made once per cut.
   */
  @Get()
  @Conditional()
  @Fails('DASHBOARD_NO_CUT_YET')
  @ApiOperation({
    summary: 'All panels as one consistent cut',
    description: '`Cache-Control: no-cache` asks for a cut from the database.',
  })
  @ApiQuery({
    name: 'panels',
    required: false,
    description:
      'Names of panels, comma-separated (default: all). Each shows all its rows as arrays. Also takes the JSON of `windows`.',
    style: 'form',
    explode: false,
    schema: { type: 'array', items: { $ref: '#/components/schemas/PanelName' } },
  })
  @ApiQuery({
    name: 'windows',
    required: false,
    description:
      'Parameters by name of panel, as JSON such as `{"portfolios":{"limit":50}}`, at most 16,000 characters. Each shows a ' +
      'window of rows by key beside their order, as in `dashboard:subscribe`.',
    // Not `content`: generated clients would send an object, and not as JSON.
    schema: {
      type: 'string',
      maxLength: 16_000,
      contentMediaType: 'application/json',
      contentSchema: { $ref: '#/components/schemas/DashboardParameters' },
    } as never,
  })
  @ApiOkResponse({ standardSchema: dashboardBody })
  async show(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const choice = this.#choice(request.query as Record<string, unknown>);
    const { 'cache-control': cacheControl } = request.headers;
    const wantsNew = cacheControl !== undefined && /\bno-cache\b/i.test(cacheControl);
    const served: ServedCut =
      (wantsNew ? undefined : this.dashboard.atHand()) ?? (await this.dashboard.fromDatabase(wantsNew));
    const view = viewOf(served.cut, choice, viewerOf(principalOf(request)!));
    // A stale copy has its own ETag. Otherwise a client would take 304 for "still current".
    const etag = served.source === 'stale' ? `${view.etag.slice(0, -1)}-stale"` : view.etag;
    this.#count[served.source]!.inc();
    void reply.header('cache-control', 'private, no-cache');
    if (isUnchanged(request, reply, etag)) void reply.send();
    else
      void reply.header('content-type', 'application/json; charset=utf-8').send(view.body(served.source, served.ageMs));
  }

  #choice(query: Record<string, unknown>): PanelChoice {
    for (const name in query) if (name !== 'panels') return this.panels.choose(namedIn(query));
    const { panels } = query;
    if (panels === undefined) return this.panels.everything;
    return this.panels.remembered(panels) ?? this.panels.choose(namedIn(query));
  }
}

function namedIn(query: Record<string, unknown>): string | string[] | undefined {
  const { panels, windows } = parseRequest('query', dashboardQuery, query);
  return panels ?? windows;
}
