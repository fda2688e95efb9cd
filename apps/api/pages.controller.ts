import { createHash } from 'node:crypto';
import { Controller, Get, Headers, Inject, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Public } from '#auth';
import { RateClass } from '#throttling';
import { apiConfig, type ApiConfig } from './api.config.js';
import { CONSOLE_PATHS, type DeskPages, pagesOf } from './pages.js';

/** ETag of a page, made once for each text. */
class PageTag {
  private html = '';
  private tag = '';

  of(html: string): string {
    if (html !== this.html) {
      this.html = html;
      this.tag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
    }
    return this.tag;
  }
}

/** Answers a page: a browser that holds it asks with its ETag. */
function answer(html: string, tag: PageTag, held: string | undefined, reply: FastifyReply): void {
  const etag = tag.of(html);
  void reply.header('ETag', etag).header('Cache-Control', 'no-cache');
  if (held === etag) void reply.status(304).send();
  else void reply.type('text/html; charset=utf-8').send(html);
}

/** Serves the console at all paths of its own, and the plain page. */
@ApiExcludeController()
@Public()
@RateClass('none')
@Controller()
export class PagesController {
  private readonly consoleTag = new PageTag();
  private readonly plainTag = new PageTag();

  readonly pages: DeskPages;

  constructor(@Inject(apiConfig.token) config: ApiConfig) {
    this.pages = pagesOf(config);
  }

  @Get(['', ...CONSOLE_PATHS, ...CONSOLE_PATHS.map((path) => `${path}/*`)])
  showConsole(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    answer(this.pages.console, this.consoleTag, held, reply);
  }

  @Get('plain')
  showPlain(@Headers('if-none-match') held: string | undefined, @Res() reply: FastifyReply): void {
    answer(this.pages.plain, this.plainTag, held, reply);
  }
}
