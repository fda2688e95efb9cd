import { jest } from '@jest/globals';
import { createDesk, type Desk, type DeskOptions } from '../index.js';
import { deferred } from '../live/until.fixture.js';
import { FakeDesk } from '../testing/index.js';
import { replaceGlobal, storageOn } from './globals.fixture.js';

/** Holds the answers of one path back. `arrived` resolves when the first one is held. */
function holding(fake: FakeDesk, held: string) {
  const arrived = deferred();
  const gate = deferred();
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const response = await fake.options.fetch!(input, init);
    if (String(input).endsWith(held)) {
      arrived.resolve();
      await gate.promise;
    }
    return response;
  };
  return { fetch, arrived: arrived.promise, release: () => gate.resolve() };
}

describe('a login under changes that cross', () => {
  const kept = new Map<string, string>();
  const desks: Desk[] = [];
  let fake: FakeDesk;
  let restore: () => void;
  const open = (more: Partial<DeskOptions> = {}) => {
    const desk = createDesk({ ...fake.options, ...more });
    desks.push(desk);
    return desk;
  };
  /** Asks for something of the desk while the answers of `held` are held back. */
  const during = async (held: string, more: Partial<DeskOptions>, meanwhile: (desk: Desk) => Promise<unknown>) => {
    const { fetch, arrived, release } = holding(fake, held);
    const desk = open({ ...more, fetch });
    if (more.signIn === undefined) await desk.signIn(fake.credentials('trader'));
    fake.expireTokens();
    const asked = desk.get('/v1/alerts').catch((error: unknown) => error);
    await arrived;
    await meanwhile(desk);
    release();
    return { desk, outcome: await asked };
  };

  beforeAll(() => (restore = replaceGlobal('localStorage', { value: storageOn(kept) })));
  afterAll(() => restore());
  beforeEach(() => {
    kept.clear();
    fake = new FakeDesk();
    fake.route('GET /v1/alerts', ({ user }) => ({ items: [user!.email] }));
  });
  afterEach(() => desks.splice(0).forEach((desk) => desk.close()));

  it('a refresh that is answered after the sign-out does not sign the user in again', async () => {
    const { desk, outcome } = await during('/v1/auth/refresh', { keep: 'browser' }, (one) => one.signOut());
    expect(outcome).toMatchObject({ status: 401 });
    expect([desk.identity, kept.size]).toEqual([undefined, 0]);
  });

  it('a refresh that is answered after a sign-out in another tab does not sign the user in again', async () => {
    const { desk, outcome } = await during('/v1/auth/refresh', { keep: 'browser' }, async () => {
      const other = open({ keep: 'browser' });
      await other.signOut();
    });
    expect(outcome).toMatchObject({ status: 401 });
    expect([desk.identity, kept.size]).toEqual([undefined, 0]);
  });

  it('a refresh of one user that is answered after the sign-in of another does not replace it', async () => {
    const { desk } = await during('/v1/auth/refresh', {}, (one) => one.signIn(fake.credentials('operator')));
    expect(desk.identity?.role).toBe('operator');
    expect(await desk.get('/v1/alerts')).toEqual({ items: ['operator@example.com'] });
  });

  it('a request of one user is never sent as another who signs in while it waits', async () => {
    const { outcome } = await during('/v1/auth/refresh', {}, (one) => one.signIn(fake.credentials('operator')));
    expect(outcome).toMatchObject({ code: 'CLIENT_SIGNED_OUT', status: 401 });
    expect(fake.requests.filter(({ path }) => path === '/v1/alerts').map(({ user }) => user)).toEqual([undefined]);
  });

  it('a sign-in that is answered after the sign-out is ended at the desk and not kept', async () => {
    const { fetch, arrived, release } = holding(fake, '/v1/auth/login');
    const desk = open({ fetch });
    const entering = desk.signIn(fake.credentials('trader'));
    await arrived;
    await desk.signOut();
    release();
    await expect(entering).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT' });
    expect(desk.identity).toBeUndefined();
    expect(fake.requests.at(-1)).toMatchObject({ path: '/v1/auth/logout', user: { role: 'trader' } });
  });

  it('of two sign-ins at once the later one counts, in whichever order they are answered', async () => {
    const { fetch, arrived, release } = holding(fake, '/v1/auth/me');
    const desk = open({ fetch: (input, init) => (init?.body ? fake.options.fetch! : fetch)(input, init) });
    const first = desk.signIn(fake.credentials('trader'));
    await arrived;
    const second = desk.signIn(fake.credentials('operator'));
    release();
    await expect(first).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT' });
    expect((await second).role).toBe('operator');
    expect(desk.identity?.role).toBe('operator');
  });

  it('a program whose credentials the desk refuses after its login has ended is signed out with the reason', async () => {
    const desk = open({ signIn: fake.credentials('operator') });
    await desk.ready();
    const reasons: unknown[] = [];
    desk.onIdentity((identity, problem) => reasons.push([identity, problem?.code]));
    fake.revoke('operator@example.com');
    fake.route('POST /v1/auth/login', () =>
      Response.json(
        { code: 'AUTH_CREDENTIALS_REFUSED', status: 401, detail: 'Wrong.', correlationId: 'c' },
        { status: 401 },
      ),
    );
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'AUTH_CREDENTIALS_REFUSED' });
    expect([desk.identity, reasons]).toEqual([undefined, [[undefined, 'AUTH_CREDENTIALS_REFUSED']]]);
  });

  it('a refresh that is answered after close() fails no request', async () => {
    const { outcome } = await during('/v1/auth/refresh', { keep: 'browser' }, async (one) => one.close());
    expect(outcome).toEqual({ items: ['trader@example.com'] });
  });

  it('a message of another tab from before the sign-out does not sign the user in again', async () => {
    const desk = open({ keep: 'browser' });
    await desk.signIn(fake.credentials('trader'));
    const login: unknown = JSON.parse([...kept.values()][0]!);
    const channel = new BroadcastChannel([...kept.keys()][0]!);
    const sentAt = Date.now() - 1;
    await desk.signOut();
    channel.postMessage({ login, at: sentAt });
    // Messages arrive in order: the second one shows that the first one has been taken.
    const seen = new Promise((resolve) => desk.onIdentity((identity) => resolve(identity?.name)));
    channel.postMessage({ login: { ...(login as object), identity: { id: 'x', name: 'later' } }, at: Date.now() + 1 });
    expect(await seen).toBe('later');
    channel.close();
  });

  it('a token that cannot be refreshed because the desk cannot write is used until it ends', async () => {
    const short = new FakeDesk({ tokenLifeMs: 20_000 });
    short.route('GET /v1/alerts', () => ({ items: [] }));
    const desk = createDesk(short.options);
    desks.push(desk);
    await desk.signIn(short.credentials('trader'));
    const now = Date.now();
    const refused = { code: 'DATABASE_UNAVAILABLE', status: 503, detail: 'No database.', correlationId: 'c' };
    short.route('POST /v1/auth/refresh', () => Response.json(refused, { status: 503 }));
    const clock = jest.spyOn(Date, 'now').mockReturnValue(now + 15_000);
    expect(await desk.get('/v1/alerts')).toEqual({ items: [] });
    clock.mockReturnValue(now + 25_000);
    await expect(desk.get('/v1/alerts')).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
    clock.mockRestore();
  });

  it('kept text that is no login is ignored', () => {
    const { keep: _, ...options } = fake.options;
    for (const text of ['{', '{}', '"text"', '{"accessToken":"a"}', 'null']) {
      kept.set('deskwire:http://fake.desk', text);
      const desk = createDesk({ ...options, keep: 'browser' });
      desks.push(desk);
      expect(desk.identity).toBeUndefined();
    }
    expect(fake.requests).toEqual([]);
  });

  it('a listener that throws stops no other, and its error is reported', async () => {
    const desk = open();
    const reported: unknown[] = [];
    const unreplace = replaceGlobal('reportError', { value: (error: unknown) => reported.push(error) });
    const seen: unknown[] = [];
    desk.onIdentity(() => {
      throw new Error('of the page');
    });
    desk.onIdentity((identity) => seen.push(identity?.role));
    expect((await desk.signIn(fake.credentials('trader'))).role).toBe('trader');
    unreplace();
    expect([seen, reported]).toEqual([['trader'], [new Error('of the page')]]);
  });
});
