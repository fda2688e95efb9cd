import { databaseConfig } from '#database/config';
import {
  type ArgumentsHost,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  Post,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { ThrottlerModule } from '@nestjs/throttler';
import { PrometheusModule } from '@willsoto/nestjs-prometheus';
import type { FastifyReply } from 'fastify';
import { register } from 'prom-client';
import { ConfigModule } from '#config';
import { DomainError } from '#errors';
import { RateClass, throttlingConfig } from '#throttling';
import { ThrottlerMemory } from '../../../libs/throttling/throttler-memory.js';
import { LimitReports } from '../../../libs/throttling/cluster/limit-reports.js';
import { Peers } from '../../../libs/throttling/cluster/peers.js';
import { CountSettlement } from '../../../libs/throttling/cluster/count-settlement.js';
import { RatePolicies } from '../../../libs/throttling/rate-policies.js';
import { LoginRates } from '../../../libs/throttling/login-rates.js';
import { RequestTurns } from '../../../libs/throttling/request-turns.js';
import { ThrottlingGuard } from '../../../libs/throttling/throttling.guard.js';
import { throttlingMetrics } from '../../../libs/throttling/throttling.metrics.js';

@Controller()
class Desk {
  @Get('read') read(): string {
    return 'ok';
  }
  @Post('write') write(): string {
    return 'ok';
  }
  @Post('login') @RateClass('login', 'email') login(): string {
    return 'ok';
  }
  @Get('probe') @RateClass('none') probe(): string {
    return 'ok';
  }
}

/** Replaces the guard of #auth, which runs before: `x-user` names the user. */
@Injectable()
class TakesTheirWord implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; principal?: unknown }>();
    const userId = request.headers['x-user'];
    if (userId !== undefined) request.principal = { userId };
    return true;
  }
}

@Catch(DomainError)
class ShowsTheError implements ExceptionFilter<DomainError> {
  catch(error: DomainError, host: ArgumentsHost): void {
    const { kind, extra, retryAfterMs } = error.details;
    void host
      .switchToHttp()
      .getResponse<FastifyReply>()
      .status(429)
      .send({ code: error.code, kind, retryAfterMs, ...extra });
  }
}

describe('the guard that counts requests', () => {
  let app: NestFastifyApplication;
  let now = 1_800_000_000_000;
  const environment = { THROTTLING_MAX_READS: '3', THROTTLING_MAX_WRITES: '2', THROTTLING_MAX_LOGINS: '1' };

  @Module({
    imports: [
      ConfigModule.forRoot([databaseConfig, throttlingConfig], environment),
      PrometheusModule.register({ defaultMetrics: { enabled: false } }),
      ThrottlerModule.forRoot({
        throttlers: [{ limit: 1, ttl: 60_000 }],
        storage: new ThrottlerMemory(10_000, () => now),
      }),
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
      { provide: APP_GUARD, useClass: TakesTheirWord },
      { provide: APP_GUARD, useClass: ThrottlingGuard },
      { provide: APP_FILTER, useClass: ShowsTheError },
    ],
  })
  class DeskModule {}

  const ask = (
    method: 'GET' | 'POST',
    url: string,
    who: { user?: string; address?: string; forwarded?: string; email?: string } = {},
  ) =>
    app.inject({
      method,
      url,
      remoteAddress: who.address ?? '192.0.2.1',
      ...(who.email && { payload: { email: who.email } }),
      headers: { ...(who.user && { 'x-user': who.user }), ...(who.forwarded && { 'x-forwarded-for': who.forwarded }) },
    });

  beforeAll(async () => {
    const module = await Test.createTestingModule({ imports: [DeskModule] }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter({ trustProxy: ['10.0.0.0/8'] }));
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
  });
  afterAll(async () => {
    await app.close();
    register.clear();
  });
  beforeEach(() => (now += 600_000));

  it('every answer shows the limit and the remaining requests', async () => {
    const first = await ask('GET', '/read', { user: 'ana' });
    expect(first.headers['ratelimit-policy']).toBe('"read";q=3;w=60');
    expect(first.headers['ratelimit']).toBe('"read";r=2;t=60');
    now += 20_000;
    expect((await ask('GET', '/read', { user: 'ana' })).headers['ratelimit']).toBe('"read";r=1;t=40');
  });

  it('a request beyond the limit is refused with a code, the policy and the wait, counted, and accepted after that time', async () => {
    for (let i = 0; i < 3; i++) expect((await ask('GET', '/read', { user: 'ana' })).statusCode).toBe(200);
    const refused = await ask('GET', '/read', { user: 'ana' });
    const problem = refused.json<{ retryAfterMs: number }>();
    expect(refused.statusCode).toBe(429);
    expect(problem).toMatchObject({ code: 'THROTTLING_LIMITED', kind: 'rate_limited', 'violated-policies': ['read'] });
    expect(refused.headers['ratelimit']).toBe(`"read";r=0;t=${problem.retryAfterMs / 1000}`);
    expect(await register.getSingleMetricAsString('throttling_refusals_total')).toContain(
      'throttling_refusals_total{class="read"} 1',
    );
    now += problem.retryAfterMs;
    expect((await ask('GET', '/read', { user: 'ana' })).statusCode).toBe(200);
  });

  it('a principal is counted across addresses, and principals behind one address separately', async () => {
    for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await ask('GET', '/read', { user: 'ana', address });
    expect((await ask('GET', '/read', { user: 'ana', address: '192.0.2.4' })).statusCode).toBe(429);
    expect((await ask('GET', '/read', { user: 'ben', address: '192.0.2.4' })).statusCode).toBe(200);
  });

  it('reads and writes are counted separately', async () => {
    for (let i = 0; i < 2; i++) await ask('POST', '/write', { user: 'ana' });
    expect((await ask('POST', '/write', { user: 'ana' })).statusCode).toBe(429);
    expect((await ask('GET', '/read', { user: 'ana' })).statusCode).toBe(200);
  });

  it('sign-ins are counted by account and address, whatever spelling of the account they use', async () => {
    expect((await ask('POST', '/login', { email: 'ana@desk.example' })).statusCode).toBe(201);
    expect((await ask('POST', '/login', { email: ' ANA@desk.example' })).statusCode).toBe(429);
    expect((await ask('POST', '/login', { email: 'ben@desk.example' })).statusCode).toBe(201);
    expect((await ask('POST', '/login', { email: 'ana@desk.example', address: '192.0.2.9' })).statusCode).toBe(201);
  });

  it('limits the attempts of an address to those of ten accounts', async () => {
    const signIn = (n: number, address?: string) =>
      ask('POST', '/login', { email: `user${n}@desk.example`, ...(address && { address }) });
    for (let n = 0; n < 10; n++) expect((await signIn(n)).statusCode).toBe(201);
    expect((await signIn(10)).statusCode).toBe(429);
    expect((await signIn(10, '192.0.2.9')).statusCode).toBe(201);
    expect((await ask('POST', '/login', {})).statusCode).toBe(429);
  });

  it('an account that signs in in a loop uses nothing of the limit of its address once it is refused', async () => {
    for (let n = 0; n < 100; n++) await ask('POST', '/login', { email: 'loop@desk.example' });
    for (let n = 0; n < 9; n++)
      expect((await ask('POST', '/login', { email: `user${n}@desk.example` })).statusCode).toBe(201);
  });

  it('the address in X-Forwarded-For counts only if a trusted proxy sent it', async () => {
    for (let i = 0; i < 3; i++) await ask('GET', '/read', { forwarded: `203.0.113.${i}` });
    expect((await ask('GET', '/read', { forwarded: '203.0.113.99' })).statusCode).toBe(429);
    for (let i = 0; i < 5; i++) {
      expect((await ask('GET', '/read', { address: '10.0.0.1', forwarded: `203.0.113.${i}` })).statusCode).toBe(200);
    }
  });

  it('an IPv6 network of 64 bits counts as one address', async () => {
    for (let i = 0; i < 3; i++) await ask('GET', '/read', { address: `2001:db8::${i}` });
    expect((await ask('GET', '/read', { address: '2001:db8::ffff' })).statusCode).toBe(429);
    expect((await ask('GET', '/read', { address: '2001:db8:0:1::1' })).statusCode).toBe(200);
  });

  it('probes are never refused', async () => {
    for (let i = 0; i < 20; i++) {
      const answer = await ask('GET', '/probe');
      expect(answer.statusCode).toBe(200);
      expect(answer.headers['ratelimit']).toBeUndefined();
    }
  });
});
