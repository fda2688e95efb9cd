import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#auth';
import { RateClass } from '#throttling';
import { pages } from './pages.js';

/** Serves the live page. */
@ApiExcludeController()
@Public()
@RateClass('none')
@Controller()
export class PagesController {
  private readonly etag = `"${createHash('sha256').update(pages.html).digest('base64url').slice(0, 22)}"`;

  @Get()
  live(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    void reply.header('ETag', this.etag).header('Cache-Control', 'no-cache');
    if (held === this.etag) void reply.status(304).send();
    else void reply.type('text/html; charset=utf-8').send(pages.html);
  }
}
