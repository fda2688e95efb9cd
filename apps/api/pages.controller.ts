import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#auth';
import { RateClass } from '#throttling';
import { apiConfig, type ApiConfig } from './api.config.js';
import { CONSOLE_PATHS, type DeskPages, pagesOf } from './pages.js';

/** A page as it is answered: a browser that holds it asks with its ETag. */
class Page {
  private readonly etag: string;

  constructor(private readonly html: string) {
    this.etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
  }

  answer(held: string | undefined, reply: FastifyReply): void {
    void reply.header('ETag', this.etag).header('Cache-Control', 'no-cache');
    if (held === this.etag) void reply.status(304).send();
    else void reply.type('text/html; charset=utf-8').send(this.html);
  }
}

/** Serves the console at all paths of its own, and the plain page. */
@ApiExcludeController()
@Public()
@RateClass('none')
@Controller()
export class PagesController {
  private readonly console: Page;
  private readonly plain: Page;

  readonly pages: DeskPages;

  constructor(@Inject(apiConfig.token) config: ApiConfig) {
    this.pages = pagesOf(config);
    this.console = new Page(this.pages.console);
    this.plain = new Page(this.pages.plain);
  }

  @Get(['', ...CONSOLE_PATHS, ...CONSOLE_PATHS.map((path) => `${path}/*`)])
  showConsole(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    this.console.answer(held, reply);
  }

  @Get('plain')
  showPlain(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    this.plain.answer(held, reply);
  }
}
