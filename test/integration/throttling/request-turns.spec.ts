import { once } from 'node:events';
import { type ClientRequest, request as send } from 'node:http';
import { type CanActivate, Controller, Module, Post } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import { ThrottlerModule } from '@nestjs/throttler';
import { register } from 'prom-client';
import { ConfigModule } from '#config';
import { databaseConfig } from '#database/config';
import { throttlingConfig } from '#throttling';
import { LimitReports } from '../../../libs/throttling/cluster/limit-reports.js';
import { Peers } from '../../../libs/throttling/cluster/peers.js';
import { CountSettlement } from '../../../libs/throttling/cluster/count-settlement.js';
import { RatePolicies } from '../../../libs/throttling/rate-policies.js';
import { LoginRates } from '../../../libs/throttling/login-rates.js';
import { RequestTurns } from '../../../libs/throttling/request-turns.js';
import { ThrottlerMemory } from '../../../libs/throttling/throttler-memory.js';
import { ThrottlingGuard } from '../../../libs/throttling/throttling.guard.js';
import { throttlingMetrics } from '../../../libs/throttling/throttling.metrics.js';
import { eventually } from '../../setup/eventually.js';

/** Promises that handlers and the guard before the turns await, by name. Default: none. */
const gates = new Map<string, PromiseWithResolvers<void>>();
const close = (name: string) => gates.set(name, Promise.withResolvers());
const open = (name: string) => (gates.get(name)!.resolve(), gates.delete(name));
let running = 0;
let asked = 0;

@Controller()
class Desk {
  @Post('write') async write(): Promise<string> {
    running++;
    await gates.get('handler')?.promise;
    running--;
    return 'ok';
  }
}

/** Stands in for an authentication that takes its time. */
class Authenticates implements CanActivate {
  async canActivate(): Promise<boolean> {
    asked++;
    await gates.get('authentication')?.promise;
    return true;
  }
}

@Module({
  imports: [
    ConfigModule.forRoot([databaseConfig, throttlingConfig], {}, [throttlingConfig.with({ writesAtOnce: 1 })]),
    PrometheusModule.register({ defaultMetrics: { enabled: false } }),
    ThrottlerModule.forRoot({ throttlers: [{ limit: 1, ttl: 60_000 }], storage: new ThrottlerMemory(10_000) }),
  ],
  controllers: [Desk],
  providers: [
    ...throttlingMetrics,
    LimitReports,
    LoginRates,
    RatePolicies,
    // One process, without Redis.
    { provide: Peers, useValue: { share: (limit: number) => limit } },
    { provide: CountSettlement, useValue: { isShared: false, isEnabled: false } },
    RequestTurns,
    { provide: APP_GUARD, useClass: Authenticates },
    { provide: APP_GUARD, useClass: ThrottlingGuard },
  ],
})
class DeskModule {}

describe('the turn of a request', () => {
  let app: NestFastifyApplication;
  let url: string;

  const write = (): ClientRequest =>
    send(`${url}/write`, { method: 'POST' })
      .on('error', () => undefined)
      .end();
  const answered = async (request: ClientRequest) => {
    const [response] = await once(request, 'response');
    response.resume();
    return response.statusCode as number;
  };
  const waiting = async () =>
    /state="waiting"\} 1/.test(await register.getSingleMetricAsString('throttling_concurrent_requests'));

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [DeskModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.listen(0, '127.0.0.1');
    url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  });
  afterAll(async () => {
    await app.close();
    register.clear();
  });

  it('lasts until its handler ends, also when the client has left', async () => {
    close('handler');
    const first = write();
    await eventually(() => expect(running).toBe(1));
    first.destroy();
    const second = answered(write());
    await eventually(async () => expect(await waiting()).toBe(true));
    expect(running).toBe(1);
    open('handler');
    expect(await second).toBe(201);
    expect(running).toBe(0);
  });

  it('the turn of a client that disconnected before it began is released', async () => {
    close('authentication');
    const before = asked;
    const gone = write();
    await eventually(() => expect(asked).toBe(before + 1));
    const closed = new Promise((resolve) =>
      app.getHttpServer().once('request', (_request, response) => response.once('close', resolve)),
    );
    const other = write();
    await eventually(() => expect(asked).toBe(before + 2));
    other.destroy();
    await closed;
    gone.destroy();
    open('authentication');
    expect(await answered(write())).toBe(201);
  });
});
