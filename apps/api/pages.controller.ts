import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#auth';
import { RateClass } from '#throttling';
import { apiConfig, type ApiConfig } from './api.config.js';
import { pagesOf } from './pages.js';

/** Serves the live page. */
@ApiExcludeController()
@Public()
@RateClass('none')
@Controller()
export class PagesController {
  private readonly html: string;
  private readonly etag: string;

  constructor(@Inject(apiConfig.token) config: ApiConfig) {
    this.html = pagesOf(config).html;
    this.etag = `"${createHash('sha256').update(this.html).digest('base64url').slice(0, 22)}"`;
  }

  @Get()
  live(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    void reply.header('ETag', this.etag).header('Cache-Control', 'no-cache');
    if (held === this.etag) void reply.status(304).send();
    else void reply.type('text/html; charset=utf-8').send(this.html);
  }
}
