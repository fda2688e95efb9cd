import { jest } from '@jest/globals';
import { createDesk, type Desk, type DeskProblem, hasRole } from '../index.js';
import { replaceGlobal, storageOn } from './globals.fixture.js';
import { passDelays } from '../rest/delays.fixture.js';
import { FakeDesk } from '../testing/index.js';

describe('the login of a desk', () => {
  const desks: Desk[] = [];
  const keep = (desk: Desk) => {
    desks.push(desk);
    return desk;
  };
  const open = (fake: FakeDesk, more = {}) => keep(createDesk({ ...fake.options, ...more }));
  afterEach(() => {
    desks.splice(0).forEach((desk) => desk.close());
    jest.restoreAllMocks();
  });

  it('a user signs in and out, and listeners learn of both', async () => {
    const fake = new FakeDesk();
    const desk = open(fake);
    const seen: (string | undefined)[] = [];
    desk.onIdentity((identity) => seen.push(identity?.role));
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT', status: 401 });
    const identity = await desk.signIn(fake.credentials('trader'));
    expect(identity).toMatchObject({ email: 'trader@example.com', role: 'trader', id: 'id-of-trader@example.com' });
    expect([hasRole(identity, 'viewer'), hasRole(identity, 'operator'), hasRole(undefined, 'viewer')]).toEqual([
      true,
      false,
      false,
    ]);
    await desk.signOut();
    expect(desk.identity).toBeUndefined();
    expect(seen).toEqual(['trader', undefined]);
    await expect(desk.signIn({ email: 'trader@example.com', password: 'no' })).rejects.toMatchObject({
      code: 'AUTH_CREDENTIALS_REFUSED',
    });
  });

  it('ten requests with an expired token refresh it once', async () => {
    const fake = new FakeDesk();
    const desk = open(fake, { signIn: fake.credentials('operator') });
    await desk.ready();
    fake.expireTokens();
    const all = await Promise.all(Array.from({ length: 10 }, () => desk.get('/v1/auth/me')));
    expect(all).toHaveLength(10);
    expect(fake.refreshes).toBe(1);
  });

  it('a token is refreshed before it expires', async () => {
    const fake = new FakeDesk({ tokenLifeMs: 900_000 });
    const desk = open(fake);
    await desk.signIn(fake.credentials('operator'));
    const now = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(now + 860_000);
    await desk.get('/v1/auth/me');
    expect(fake.refreshes).toBe(0);
    jest.spyOn(Date, 'now').mockReturnValue(now + 880_000);
    await desk.get('/v1/auth/me');
    const refused = fake.requests.filter(({ path, user }) => path === '/v1/auth/me' && user === undefined);
    expect([fake.refreshes, refused.length]).toEqual([1, 0]);
  });

  it('a login that has ended signs the user out with the reason of the desk', async () => {
    const fake = new FakeDesk();
    const desk = open(fake);
    await desk.signIn(fake.credentials('operator'));
    const reasons: (DeskProblem | undefined)[] = [];
    desk.onIdentity((_, problem) => reasons.push(problem));
    fake.revoke('operator@example.com');
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ status: 401 });
    expect([desk.identity, reasons[0]?.code]).toEqual([undefined, 'AUTH_UNAUTHENTICATED']);
  });

  it('a program with credentials signs in again when its login has ended, and not after it signed out', async () => {
    const fake = new FakeDesk();
    const desk = open(fake, { signIn: fake.credentials('operator') });
    await desk.ready();
    fake.revoke('operator@example.com');
    expect(await desk.get('/v1/auth/me')).toMatchObject({ email: 'operator@example.com' });
    await desk.signOut();
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT' });
  });

  it('a user whose role was changed has the new one after the next refresh', async () => {
    const fake = new FakeDesk();
    const desk = open(fake);
    await desk.signIn(fake.credentials('trader'));
    const changed = new Promise((resolve) => desk.onIdentity((identity) => resolve(identity?.role)));
    fake.setRole('trader@example.com', 'operator');
    fake.expireTokens();
    await desk.get('/v1/auth/me');
    expect(await changed).toBe('operator');
  });

  it('a network that is down does not sign the user out', async () => {
    const fake = new FakeDesk();
    const desk = open(fake);
    await desk.signIn(fake.credentials('operator'));
    fake.expireTokens();
    fake.setDown(true);
    passDelays();
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'CLIENT_UNREACHABLE' });
    expect(desk.identity?.role).toBe('operator');
    fake.setDown(false);
    expect(await desk.get('/v1/auth/me')).toMatchObject({ email: 'operator@example.com' });
  });

  it('getToken is asked for another token when one is refused, and a token that stays refused is an error', async () => {
    const fake = new FakeDesk();
    const signedIn = open(fake);
    await signedIn.signIn(fake.credentials('operator'));
    const good = /Bearer (.*)/.exec(fake.requests.at(-1)!.headers.get('authorization')!)![1]!;
    const asked: unknown[] = [];
    const desk = open(fake, { getToken: (refused?: string) => (asked.push(refused), refused ? good : 'bad') });
    await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' });
    expect(asked).toContain('bad');
    const kept = open(fake, { token: good });
    expect(await kept.ready()).toMatchObject({ role: 'operator' });
    const wrong = open(fake, { token: 'bad' });
    await expect(wrong.get('/v1/auth/me')).rejects.toMatchObject({ code: 'AUTH_UNAUTHENTICATED' });
    await expect(wrong.get('/v1/auth/me')).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT' });
    expect(() => open(fake, { token: 'a', getToken: () => 'b' })).toThrow('one of signIn, token and getToken');
  });

  it.each([
    ['refuses to keep it', { value: { getItem: () => null, setItem: fails, removeItem: fails } }],
    ['has its storage blocked', { get: fails }],
  ])('a login lasts until the page is closed where the browser %s', async (_, storage) => {
    const fake = new FakeDesk();
    const restore = replaceGlobal('localStorage', storage);
    try {
      const desk = open(fake, { keep: 'browser' });
      await desk.signIn(fake.credentials('operator'));
      fake.expireTokens();
      expect(await desk.get('/v1/auth/me')).toMatchObject({ email: 'operator@example.com' });
      await desk.signOut();
      await expect(desk.get('/v1/auth/me')).rejects.toMatchObject({ code: 'CLIENT_SIGNED_OUT' });
    } finally {
      restore();
    }
  });

  it('a login of one tab is there after a reload, and memory keeps none', async () => {
    const fake = new FakeDesk();
    const kept = new Map<string, string>();
    const restore = replaceGlobal('sessionStorage', { value: storageOn(kept) });
    try {
      await open(fake, { keep: 'memory' }).signIn(fake.credentials('operator'));
      expect([kept.size, open(fake, { keep: 'memory' }).identity]).toEqual([0, undefined]);
      await open(fake, { keep: 'tab' }).signIn(fake.credentials('trader'));
      expect(open(fake, { keep: 'tab' }).identity?.role).toBe('trader');
    } finally {
      restore();
    }
  });

  describe('in two tabs of one browser', () => {
    const kept = new Map<string, string>();
    let restore: () => void;
    beforeAll(() => (restore = replaceGlobal('localStorage', { value: storageOn(kept) })));
    afterAll(() => restore());
    beforeEach(() => kept.clear());

    it('both refresh an expired token once, and the second use of a refresh token never happens', async () => {
      const fake = new FakeDesk();
      const one = open(fake, { keep: 'browser' });
      await one.signIn(fake.credentials('operator'));
      const other = open(fake, { keep: 'browser' });
      expect(other.identity?.role).toBe('operator');
      await other.get('/v1/auth/me');
      for (let round = 1; round <= 3; round++) {
        fake.expireTokens();
        await Promise.all([one.get('/v1/auth/me'), other.get('/v1/auth/me'), other.get('/v1/auth/me')]);
        expect(fake.refreshes).toBe(round);
      }
    });

    it('a sign-in and a sign-out in one tab reach the other', async () => {
      const fake = new FakeDesk();
      const [one, other] = [open(fake, { keep: 'browser' }), open(fake, { keep: 'browser' })];
      const change = () => new Promise((resolve) => other.onIdentity((identity) => resolve(identity?.role)));
      let next = change();
      await one.signIn(fake.credentials('trader'));
      expect(await next).toBe('trader');
      expect(await other.get('/v1/auth/me')).toMatchObject({ email: 'trader@example.com' });
      next = change();
      await one.signOut();
      expect(await next).toBeUndefined();
      expect(kept.size).toBe(0);
    });
  });
});

function fails(): never {
  throw new Error('The browser refuses.');
}
