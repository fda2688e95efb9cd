import { EventEmitter, once } from 'node:events';
import { Controller, Get, Injectable, Module, Param } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Public } from '#auth';
import type { Environment, InternalValues } from '#config';
import { Atomic, Database, ReadSnapshot, Startup } from '#database';
import { createHttpAdapter } from '#http';
import { RateClass } from '#throttling';
import { AppModule } from '../../../apps/api/app.module.js';
import { configureApp } from '../../../apps/api/app.setup.js';

/** Emits `held:<id>` when a handler holds its connection. `let go` ends the handlers of /abuse/hold. */
export const events = new EventEmitter().setMaxListeners(0);

@Injectable()
class AbuseService {
  constructor(private readonly database: Database) {}

  @Atomic()
  async work(id: string, then: () => Promise<unknown>): Promise<object> {
    await this.database.run('INSERT INTO abuse VALUES ($1)', [id]);
    events.emit(`held:${id}`);
    await then();
    return { id };
  }

  @ReadSnapshot()
  async look(): Promise<object> {
    return { rows: await this.database.rows('SELECT count(*) FROM abuse') };
  }

  /** The one statement that times out, while the timeout of all others is long. */
  async tooSlow(): Promise<unknown> {
    await this.database.run('SET LOCAL statement_timeout = 200');
    return this.sleep(60);
  }

  @Atomic()
  async locked(): Promise<object> {
    return { changed: await this.database.run(`UPDATE abuse SET id = id WHERE id = 'locked'`) };
  }

  /** A statement whose limits are a minute. */
  @Atomic()
  async long(): Promise<unknown> {
    await this.database.run('SET LOCAL statement_timeout = 60000');
    return this.database.rows('SELECT pg_sleep(1)', [], 60_000);
  }

  sleep(seconds: number): Promise<unknown> {
    return this.database.rows('SELECT pg_sleep($1)', [seconds]);
  }
}

/** Handlers that fail in the middle of their transaction, each in another way. */
@Public()
@RateClass('none')
@Controller('abuse')
class AbuseController {
  constructor(private readonly service: AbuseService) {}

  @Get('ok/:id')
  ok(@Param('id') id: string) {
    return this.service.work(id, () => Promise.resolve());
  }

  @Get('look')
  look() {
    return this.service.look();
  }

  @Get('throw/:id')
  throw(@Param('id') id: string) {
    return this.service.work(id, () => Promise.reject(new Error('midway')));
  }

  @Get('slow/:id')
  slow(@Param('id') id: string) {
    return this.service.work(id, () => this.service.tooSlow());
  }

  /** Outside a transaction. */
  @Get('query')
  query() {
    return this.service.sleep(60);
  }

  @Get('long')
  long() {
    return this.service.long();
  }

  /** Waits for a row that another client has locked. */
  @Get('lock')
  lock() {
    return this.service.locked();
  }

  @Get('leave/:id')
  leave(@Param('id') id: string) {
    return this.service.work(id, () => this.service.sleep(0.01));
  }

  @Get('hold/:id')
  hold(@Param('id') id: string) {
    return this.service.work(id, () => once(events, 'let go'));
  }
}

@Module({ controllers: [AbuseController], providers: [AbuseService] })
class AbuseModule {}

/** The whole app, with the misbehaving routes. */
export async function startAbusedDesk(
  environment: Environment,
  internals: readonly InternalValues[],
): Promise<{ app: NestFastifyApplication; url: string }> {
  const root = { module: class Root {}, imports: [AppModule.forRoot(environment, internals), AbuseModule] };
  const app = await NestFactory.create<NestFastifyApplication>(root, createHttpAdapter([]), {
    logger: false,
    bodyParser: false,
    abortOnError: false,
  });
  await configureApp(app);
  await app.listen(0, '127.0.0.1');
  await app.get(Startup).run();
  await app.get(Database).run('CREATE TABLE IF NOT EXISTS abuse (id text)');
  return { app, url: await app.getUrl() };
}
