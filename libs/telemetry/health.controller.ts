import { Controller, Get, Header, Res, SetMetadata } from '@nestjs/common';
import { ApiExtension, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { HealthRegistry } from './health-registry.js';
import { healthSchema, livenessSchema, readinessSchema, startupSchema } from './health.dto.js';
import { Readiness } from './readiness.js';
import { StartupView } from './startup-view.js';

/** Probes. Public, unthrottled, and independent of the pools: they answer when nothing else does. */
@ApiTags('health')
@SetMetadata('deskwire:public', true)
@SetMetadata('throttling:class', 'none')
@ApiExtension('x-public', true)
@Controller('health')
export class HealthController {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly readiness: Readiness,
    private readonly startup: StartupView,
  ) {}

  @Get()
  @ApiOperation({ operationId: 'getHealth', summary: 'State of every part, in detail' })
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  @ApiResponse({ status: 503, standardSchema: healthSchema, description: 'A part is down' })
  @Header('Cache-Control', 'no-store')
  async all(@Res({ passthrough: true }) reply: FastifyReply) {
    const report = await this.registry.report();
    reply.status(report.status === 'down' ? 503 : 200);
    return report;
  }

  @Get('live')
  @ApiOperation({ operationId: 'getLiveness', summary: 'The process answers' })
  @ApiResponse({ status: 200, standardSchema: livenessSchema })
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @ApiOperation({ operationId: 'getReadiness', summary: 'Whether to send traffic to this process' })
  @ApiResponse({ status: 200, standardSchema: readinessSchema })
  @ApiResponse({ status: 503, standardSchema: readinessSchema, description: 'Not ready, with the reasons' })
  @Header('Cache-Control', 'no-store')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const reasons = this.readiness.reasons();
    const ready = Object.keys(reasons).length === 0;
    reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not_ready', reasons };
  }

  @Get('startup')
  @ApiOperation({ operationId: 'getStartup', summary: 'The phases of the start-up, with times and attempts' })
  @ApiResponse({ status: 200, standardSchema: startupSchema })
  @ApiResponse({ status: 503, standardSchema: startupSchema, description: 'The start-up is not done' })
  @Header('Cache-Control', 'no-store')
  phases(@Res({ passthrough: true }) reply: FastifyReply) {
    const view = this.startup.read();
    reply.status(view.phase === 'ready' ? 200 : 503);
    return view;
  }
}
