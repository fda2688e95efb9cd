import { Controller, Get, Header, Res, SetMetadata } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { HealthRegistry } from './health-registry.js';
import { Readiness } from './readiness.js';
import { StartupView } from './startup-view.js';

/** Probes. Public, unthrottled, and independent of the pools: they answer when nothing else does. */
@ApiTags('health')
@SetMetadata('deskwire:public', true)
@SetMetadata('throttling:class', 'none')
@Controller('health')
export class HealthController {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly readiness: Readiness,
    private readonly startup: StartupView,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'getHealth', summary: 'State of every part, in detail' })
  @Header('Cache-Control', 'no-store')
  async all(@Res({ passthrough: true }) reply: FastifyReply) {
    const report = await this.registry.report();
    reply.status(report.status === 'down' ? 503 : 200);
    return report;
  }

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'The process answers' })
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether to send traffic here: 503 with the reasons when not' })
  @Header('Cache-Control', 'no-store')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const reasons = this.readiness.reasons();
    const ready = Object.keys(reasons).length === 0;
    reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not_ready', reasons };
  }

  @Get('startup')
  @ApiOperation({ operationId: 'getStartup', summary: 'The phases of the start, with times and attempts' })
  @Header('Cache-Control', 'no-store')
  phases(@Res({ passthrough: true }) reply: FastifyReply) {
    const view = this.startup.read();
    reply.status(view.phase === 'ready' ? 200 : 503);
    return view;
  }
}
