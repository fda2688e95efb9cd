import { Authenticator, AuthModule, type Principal, UsersService } from '#auth';
import { Database } from '#database';
import { DomainError } from '#errors';
import { ApiKeysService } from '../../../libs/auth/api-keys/api-keys.service.js';
import { LoginService } from '../../../libs/auth/logins/login.service.js';
import { eventually } from '../../setup/eventually.js';
import { testModule } from '../../setup/test-module.js';

type Module = Awaited<ReturnType<typeof testModule>>;

const code = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: unknown) => (error instanceof DomainError ? error.code : String(error)),
  );

describe('API keys', () => {
  let module: Module;
  let keys: ApiKeysService;
  let authenticator: Authenticator;
  let owner: Principal;

  beforeAll(async () => {
    module = await testModule([AuthModule]);
    keys = module.get(ApiKeysService);
    authenticator = module.get(Authenticator);
    await module
      .get(UsersService)
      .add({ email: 'owner@example.com', roles: ['operator'], password: 'a password of length' });
    const pair = await module
      .get(LoginService)
      .login('owner@example.com', 'a password of length', { ip: '127.0.0.1', userAgent: undefined });
    owner = await authenticator.authenticate(pair.accessToken);
  });
  afterAll(() => module.close());

  const wanted = { name: 'feeder', roles: ['trader'] as const, expiresInDays: 30 };

  it('an API key authenticates as its owner with its own roles, and only its hash is stored', async () => {
    const { key, apiKey } = await keys.create(owner, wanted);
    await expect(authenticator.authenticate(key)).resolves.toMatchObject({
      userId: owner.userId,
      roles: ['trader'],
      loginId: apiKey.id,
      via: 'api_key',
    });
    const [row] = await module
      .get(Database)
      .rows<{ text: string }>(`SELECT k::text || encode(k.key_hash, 'escape') AS text FROM api_keys k WHERE id = $1`, [
        apiKey.id,
      ]);
    expect(row!.text).not.toContain(key.slice(18));
  });

  it('an API key cannot have a role that its owner does not have', async () => {
    expect(await code(keys.create(owner, { ...wanted, roles: ['admin'] }))).toBe('AUTH_ROLE_NOT_HELD');
  });

  it('an API key loses the roles that its owner loses, and regains them with the owner', async () => {
    const users = module.get(UsersService);
    const { key } = await keys.create(owner, { ...wanted, roles: ['viewer', 'operator'] });
    await users.change(owner.userId, { roles: ['trader'] });
    expect((await authenticator.authenticate(key)).roles).toEqual(['viewer']);
    await users.change(owner.userId, { roles: ['operator'] });
    expect((await authenticator.authenticate(key)).roles).toEqual(['viewer', 'operator']);
  });

  it('an API key cannot create or list API keys', async () => {
    const { key } = await keys.create(owner, wanted);
    const machine = await authenticator.authenticate(key);
    expect(await code(keys.create(machine, wanted))).toBe('AUTH_SIGN_IN_REQUIRED');
    expect(await code(keys.list(machine))).toBe('AUTH_SIGN_IN_REQUIRED');
  });

  it('an API key ends at once when revoked, and when it expires', async () => {
    const { key, apiKey } = await keys.create(owner, wanted);
    await authenticator.authenticate(key);
    await keys.revoke(owner, apiKey.id);
    expect(await code(authenticator.authenticate(key))).toBe('AUTH_UNAUTHENTICATED');
    expect(await code(keys.revoke(owner, apiKey.id))).toBe('AUTH_API_KEY_NOT_FOUND');
    const second = await keys.create(owner, wanted);
    await module.get(Database).run('UPDATE api_keys SET expires_at = now() WHERE id = $1', [second.apiKey.id]);
    expect(await code(authenticator.authenticate(second.key))).toBe('AUTH_UNAUTHENTICATED');
  });

  it('an API key cannot be revoked by another user', async () => {
    const { apiKey } = await keys.create(owner, wanted);
    const stranger: Principal = { ...owner, userId: '01890000-0000-7000-8000-000000000000' };
    expect(await code(keys.revoke(stranger, apiKey.id))).toBe('AUTH_API_KEY_NOT_FOUND');
  });

  it('an API key shows when it was last used', async () => {
    const { key, apiKey } = await keys.create(owner, wanted);
    await authenticator.authenticate(key);
    await eventually(async () => {
      const listed = (await keys.list(owner)).find((one) => one.id === apiKey.id);
      expect(listed?.lastUsedAt).toBeInstanceOf(Date);
    });
  });

  it('a user has at most twenty API keys, even when they are created at once', async () => {
    await Promise.all(Array.from({ length: 30 }, () => code(keys.create(owner, wanted))));
    expect(await keys.list(owner)).toHaveLength(20);
  });
});
