import { Controller, Get } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { CurrentPrincipal, Public, Roles } from './auth.decorators.js';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import type { Principal } from './principal.js';
import { type Role, ROLES } from './role.js';

@Controller()
class Plain {
  @Get('private') private(@CurrentPrincipal() principal: Principal): readonly Role[] {
    return principal.roles;
  }
  @Public() @Get('public') public(): string {
    return 'open';
  }
}

@Roles('operator')
@Controller('desk')
class Desk {
  @Get() all(): string {
    return 'desk';
  }
  @Roles('admin') @Get('admin') admin(): string {
    return 'admin';
  }
  @Roles('viewer') @Get('viewer') viewer(): string {
    return 'viewer';
  }
}

/** Named fake: a token that is the name of a role has that role; any other token is refused. */
const authenticator = {
  known: () => undefined,
  async authenticate(token: unknown) {
    if (!ROLES.includes(token as Role)) throw new Error(`refused: ${String(token)}`);
    return { userId: 'u', roles: [token], loginId: 's', expiresAt: new Date(), via: 'login' };
  },
};

describe('the guard', () => {
  let app: NestFastifyApplication;
  beforeAll(async () => {
    const module = await Test.createTestingModule({
      controllers: [Plain, Desk],
      providers: [
        { provide: Authenticator, useValue: authenticator },
        { provide: APP_GUARD, useClass: AuthGuard },
      ],
    }).compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await app.init();
  });
  afterAll(() => app.close());

  const get = (url: string, authorization?: string) =>
    app.inject({ method: 'GET', url, headers: authorization === undefined ? {} : { authorization } });

  it('the guard refuses a request without a token and says how to authenticate', async () => {
    const answer = await get('/private');
    expect(answer.statusCode).not.toBe(200);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
  });

  it('the guard admits every request to a public route, whatever its token', async () => {
    expect((await get('/public')).body).toBe('open');
    expect((await get('/public', 'Bearer rubbish')).body).toBe('open');
  });

  it.each(['Bearer trader', 'bearer trader', 'BEARER  trader '])(
    'the guard reads the token of %j',
    async (authorization) => {
      expect((await get('/private', authorization)).json()).toEqual(['trader']);
    },
  );

  it.each(['trader', 'Basic trader', 'Bearer', 'Bearer ', 'Bearer trader trader', 'Bearertrader'])(
    'the guard reads no token from %j',
    async (authorization) => {
      expect((await get('/private', authorization)).statusCode).not.toBe(200);
    },
  );

  it('the guard admits a role where that role or a lower one is required, and a method overrides its controller', async () => {
    const allowed = async (url: string): Promise<Role[]> => {
      const answers = await Promise.all(ROLES.map((role) => get(url, `Bearer ${role}`)));
      return ROLES.filter((_, n) => answers[n]!.statusCode === 200);
    };
    expect(await allowed('/desk')).toEqual(['operator', 'admin']);
    expect(await allowed('/desk/admin')).toEqual(['admin']);
    expect(await allowed('/desk/viewer')).toEqual(['viewer', 'trader', 'operator', 'admin']);
  });
});
