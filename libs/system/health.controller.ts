import { Controller, Get, Header, Res } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#auth';
import { Startup } from '#database';
import { ShutdownSequence } from '#telemetry';
import { RateClass } from '#throttling';
import { HealthRegistry } from './health-registry.js';
import { healthSchema, livenessSchema, readinessSchema, startupSchema } from './system.dto.js';

/** Probes. Public, unthrottled, and independent of the pools: they answer when nothing else does. */
@ApiTags('health')
@Public()
@RateClass('none')
@Controller('health')
export class HealthController {
  constructor(
    private readonly registry: HealthRegistry,
    private readonly startup: Startup,
    private readonly shutdown: ShutdownSequence,
  ) {}

  @Get()
  @ApiOperation({
    operationId: 'getHealth',
    summary: 'Get the state of every part, in detail',
    description: '503 if a part is down.',
  })
  @ApiResponse({ status: 200, standardSchema: healthSchema })
  @ApiResponse({ status: 503, standardSchema: healthSchema, description: 'A part is down' })
  @Header('Cache-Control', 'no-store')
  async all(@Res({ passthrough: true }) reply: FastifyReply) {
    const report = await this.registry.report();
    reply.status(report.status === 'down' ? 503 : 200);
    return report;
  }

  @Get('live')
  @ApiOperation({
    operationId: 'getLiveness',
    summary: 'Check that the process answers',
    description: 'Independent of the database. A process that does not answer should be restarted.',
  })
  @ApiResponse({ status: 200, standardSchema: livenessSchema })
  @Header('Cache-Control', 'no-store')
  live() {
    return { status: 'up' };
  }

  @Get('ready')
  @ApiOperation({
    operationId: 'getReadiness',
    summary: 'Check whether to send traffic to this process',
    description: '503 while it starts and while it stops, with the reasons.',
  })
  @ApiResponse({ status: 200, standardSchema: readinessSchema })
  @ApiResponse({ status: 503, standardSchema: readinessSchema, description: 'Not ready, with the reasons' })
  @Header('Cache-Control', 'no-store')
  ready(@Res({ passthrough: true }) reply: FastifyReply) {
    const reasons: Record<string, string> = {
      ...(this.shutdown.isDraining ? { shutdown: 'draining' } : {}),
      ...(this.startup.isReady ? {} : { startup: this.startup.phase }),
    };
    const ready = Object.keys(reasons).length === 0;
    reply.status(ready ? 200 : 503);
    return { status: ready ? 'ready' : 'not_ready', reasons };
  }

  @Get('startup')
  @ApiOperation({
    operationId: 'getStartup',
    summary: 'List the phases of the start-up, with times and attempts',
    description: '503 until the start-up is done.',
  })
  @ApiResponse({ status: 200, standardSchema: startupSchema })
  @ApiResponse({ status: 503, standardSchema: startupSchema, description: 'The start-up is not done' })
  @Header('Cache-Control', 'no-store')
  phases(@Res({ passthrough: true }) reply: FastifyReply) {
    const { phase, steps, pendingMigrations, isReady } = this.startup;
    reply.status(isReady ? 200 : 503);
    return { phase, steps, pendingMigrations };
  }
}
