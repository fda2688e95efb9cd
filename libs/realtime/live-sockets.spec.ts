import type { Authenticator, Principal } from '#auth';
import { DomainError } from '#errors';
import type { LiveSocket } from './live-socket.js';
import { LiveSockets } from './live-sockets.js';
import type { RealtimeConfig } from './realtime.config.js';

/** Fake authenticator that answers when the test says so. */
class WaitingAuthenticator {
  readonly asked = new Map<string, PromiseWithResolvers<Principal>>();

  authenticate(token: string): Promise<Principal> {
    const answer = Promise.withResolvers<Principal>();
    this.asked.set(token, answer);
    return answer.promise;
  }
}

const principalOf = (expiresAt: number) =>
  ({ userId: 'u', roles: ['viewer'], expiresAt: new Date(expiresAt) }) as unknown as Principal;

describe('a socket whose token is proved again while it refreshes', () => {
  const metric = { set: () => undefined, inc: () => undefined } as never;
  let authenticator: WaitingAuthenticator;
  let sockets: LiveSockets;
  let live: LiveSocket & { closedWith: string[] };

  beforeEach(() => {
    authenticator = new WaitingAuthenticator();
    const asAuthenticator = authenticator as unknown as Authenticator;
    sockets = new LiveSockets({} as RealtimeConfig, asAuthenticator, {} as never, {} as never, metric, metric, metric);
    const state = { token: 'old', principal: principalOf(1), closedWith: [] as string[] };
    live = Object.assign(state, {
      socket: { id: 's', connected: true },
      become(principal: Principal, token: string) {
        Object.assign(state, { principal, token });
      },
      close: (reason: DomainError) => state.closedWith.push(reason.code),
    }) as never;
    sockets.add(live);
  });

  /** Begins the check of the old token, then refreshes the socket before the check ends. */
  async function refreshDuringCheck(): Promise<void> {
    sockets.verifyAgain(['u']);
    const refreshed = sockets.refresh(live, 'new');
    authenticator.asked.get('new')!.resolve(principalOf(2));
    await refreshed;
  }

  it('a socket that refreshes during a check keeps its new token and expiry when the old token is valid', async () => {
    await refreshDuringCheck();
    const old = authenticator.asked.get('old')!;
    old.resolve(principalOf(1));
    await old.promise;
    expect([live.token, live.principal.expiresAt.getTime()]).toEqual(['new', 2]);
  });

  it('a socket that refreshes during a check stays open when the old token is refused', async () => {
    await refreshDuringCheck();
    const old = authenticator.asked.get('old')!;
    old.reject(new DomainError('AUTH_UNAUTHENTICATED', 'Sign in.', { kind: 'unauthenticated' }));
    await old.promise.catch(() => undefined);
    await Promise.resolve();
    expect(live.closedWith).toEqual([]);
  });

  it('a socket is closed when its only token is refused', async () => {
    sockets.verifyAgain(['u']);
    const old = authenticator.asked.get('old')!;
    old.reject(new DomainError('AUTH_UNAUTHENTICATED', 'Sign in.', { kind: 'unauthenticated' }));
    await old.promise.catch(() => undefined);
    await Promise.resolve();
    expect(live.closedWith).toHaveLength(1);
  });
});
