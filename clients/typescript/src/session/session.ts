import { clientProblem, DeskProblem, isUnauthenticated } from '../problem.js';
import type { Http, TokenSource } from '../rest/http.js';
import type { Answer } from '../rest/calls.js';
import { Listeners } from '../listeners.js';
import { askIdentity, type Identity } from './identity.js';
import { Tabs } from './tabs.js';
import type { KeptLogin, TokenStore } from './token-store.js';

export interface Credentials {
  email: string;
  password: string;
}

/** How a desk gets its tokens. */
export interface SessionOptions {
  /** Signs in at the first request, and again when the login has ended. */
  signIn?: Credentials | undefined;
  /** An API key, or an access token that this client does not refresh. */
  token?: string | undefined;
  /** Returns the current token. Called before each request; `refused` is a token that the desk has just refused. */
  getToken?: ((refused?: string) => string | Promise<string>) | undefined;
}

export type IdentityListener = (identity: Identity | undefined, problem?: DeskProblem) => void;

/** A token is replaced when less than this is left, in ms, or a third of its life. */
const MARGIN_MS = 30_000;

/** Who is signed in, and the token of their requests. One refresh at a time over all tabs that share the login. */
export class Session implements TokenSource {
  #login: KeptLogin | undefined;
  #identity: Identity | undefined;
  #refused: string | undefined;
  /** Signed out by the user: the credentials of the options are not used again. */
  #left = false;
  /** Changes with each sign-in and sign-out of the user. A login that was asked for before is not kept. */
  #turn = 0;
  #refreshing: Promise<unknown> | undefined;
  #asking: Promise<Identity> | undefined;
  readonly #tabs: Tabs | undefined;
  readonly #identityListeners = new Listeners<Parameters<IdentityListener>>();
  readonly #tokenListeners = new Listeners<[token: string]>();

  constructor(
    private readonly http: Http,
    private readonly options: SessionOptions,
    private readonly store: TokenStore,
    /** Name of the login that tabs share; undefined: they share none. */
    shared: string | undefined,
  ) {
    this.#login = store.read();
    this.#identity = this.#login?.identity;
    if (shared !== undefined) this.#tabs = new Tabs(shared, (login) => this.#adopt(login));
    if (this.#login !== undefined) void this.#checkIdentity();
  }

  get identity(): Identity | undefined {
    return this.#identity;
  }

  get userId(): string | undefined {
    return this.#identity?.id;
  }

  /** Whether `renew` can give another token while this one is still valid. */
  get renewable(): boolean {
    return this.options.token === undefined;
  }

  onIdentity(listener: IdentityListener): () => void {
    return this.#identityListeners.add(listener);
  }

  /** Called with each new access token, so that sockets can send it. */
  onToken(listener: (token: string) => void): () => void {
    return this.#tokenListeners.add(listener);
  }

  /** The identity, asked for if it is not known yet. @throws DeskProblem */
  async ready(): Promise<Identity | undefined> {
    if (this.#identity === undefined && (await this.token()) !== undefined) await this.#askIdentity();
    return this.#identity;
  }

  async token(): Promise<string | undefined> {
    const { token, getToken, signIn } = this.options;
    if (token !== undefined) return token === this.#refused ? undefined : token;
    if (getToken !== undefined) return getToken();
    if (this.#login === undefined && signIn !== undefined && !this.#left) await this.#once(() => this.#enter(signIn));
    const login = this.#login;
    if (login === undefined) return undefined;
    if (login.expiresAt - Date.now() > Math.min(MARGIN_MS, login.lifetimeMs / 3)) return login.accessToken;
    try {
      await this.renew(login.accessToken);
    } catch (error) {
      // A desk that cannot write still answers reads, so the token is used until it ends.
      if (isUnauthenticated(error) || this.#login !== login || login.expiresAt <= Date.now()) throw error;
    }
    return this.#login?.accessToken;
  }

  async renew(refused: string): Promise<boolean> {
    if (this.options.getToken !== undefined) return (await this.options.getToken(refused)) !== refused;
    if (this.options.token !== undefined) {
      this.#refused = refused;
      this.#become(undefined);
      return false;
    }
    const before = this.#login;
    if (before?.accessToken !== refused) return before !== undefined;
    await this.#once(() => this.#refresh(before));
    // The desk may issue the same access token again within a second.
    return this.#login !== undefined && this.#login !== before;
  }

  async signIn(credentials: Credentials): Promise<Identity> {
    this.#turn += 1;
    const identity = await this.#enter(credentials);
    this.#left = false;
    return identity;
  }

  /** Ends the login at the desk, and here even if the desk does not answer. */
  async signOut(): Promise<void> {
    const { accessToken } = this.#login ?? {};
    this.#turn += 1;
    this.#left = true;
    this.#tell(undefined);
    if (accessToken !== undefined) await this.#endAtDesk(accessToken);
  }

  close(): void {
    this.#tabs?.close();
  }

  #once(work: () => Promise<unknown>): Promise<unknown> {
    this.#refreshing ??= work().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  /** @throws DeskProblem CLIENT_SIGNED_OUT if the user signed in or out meanwhile */
  async #enter(credentials: Credentials): Promise<Identity> {
    const turn = this.#turn;
    const pair = (await this.http.send('post', '/v1/auth/login', { body: credentials })) as Answer<
      '/v1/auth/login',
      'post'
    >;
    const identity = await askIdentity(this.http, only(pair.accessToken));
    if (turn !== this.#turn) {
      await this.#endAtDesk(pair.accessToken);
      throw clientProblem('CLIENT_SIGNED_OUT', 401, 'The user signed in or out before this sign-in was answered.');
    }
    this.#tell(loginOf(pair, identity));
    return identity;
  }

  async #refresh(before: KeptLogin): Promise<void> {
    const { signIn } = this.options;
    const work = async () => {
      try {
        const body = { refreshToken: before.refreshToken };
        const pair = (await this.http.send('post', '/v1/auth/refresh', { body })) as Answer<'/v1/auth/refresh', 'post'>;
        if (this.#isReplaced(before)) return;
        this.#tell(loginOf(pair, before.identity));
        void this.#checkIdentity();
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
        if (this.#isReplaced(before)) return;
        if (signIn === undefined) this.#tell(undefined, error as DeskProblem);
        else await this.#enterAgain(signIn, before);
      }
    };
    if (this.#tabs === undefined) return work();
    await this.#tabs.alone(() => this.#isReplaced(before), work);
  }

  /** Signs in with the credentials of the options after their login has ended. Refused, they sign the user out. */
  async #enterAgain(credentials: Credentials, before: KeptLogin): Promise<void> {
    try {
      await this.#enter(credentials);
    } catch (error) {
      if (isUnauthenticated(error) && !this.#isReplaced(before)) this.#tell(undefined, error as DeskProblem);
      throw error;
    }
  }

  /** A desk that does not answer ends the login later, when it expires. */
  async #endAtDesk(accessToken: string): Promise<void> {
    await this.http.send('post', '/v1/auth/logout', {}, only(accessToken)).catch((error: unknown) => {
      if (!(error instanceof DeskProblem)) throw error;
    });
  }

  /** Whether the user or another tab has replaced the login or signed out. Takes over what another tab kept. */
  #isReplaced(before: KeptLogin): boolean {
    const kept = this.store.read();
    if (kept?.accessToken !== before.accessToken || kept.refreshToken !== before.refreshToken) this.#adopt(kept);
    return this.#login !== before;
  }

  #tell(login: KeptLogin | undefined, problem?: DeskProblem): void {
    this.store.write(login);
    this.#tabs?.tell(login);
    this.#adopt(login, problem);
  }

  #adopt(login: KeptLogin | undefined, problem?: DeskProblem): void {
    this.#login = login;
    this.#become(login?.identity, problem);
    if (login !== undefined) this.#tokenListeners.notify(login.accessToken);
  }

  #become(identity: Identity | undefined, problem?: DeskProblem): void {
    if (JSON.stringify(identity) === JSON.stringify(this.#identity)) return;
    this.#identity = identity;
    this.#identityListeners.notify(identity, problem);
  }

  /** An admin may have changed the name or the role of a kept login. It stays as it is while the desk does not answer. */
  async #checkIdentity(): Promise<void> {
    const identity = await askIdentity(this.http, this).catch(() => undefined);
    const login = this.#login;
    if (identity === undefined || login?.identity.id !== identity.id) return;
    if (JSON.stringify(identity) !== JSON.stringify(login.identity)) this.#tell({ ...login, identity });
  }

  async #askIdentity(): Promise<void> {
    this.#asking ??= askIdentity(this.http, this).finally(() => (this.#asking = undefined));
    this.#become(await this.#asking);
  }
}

function loginOf(
  pair: { accessToken: string; refreshToken: string; expiresIn: number },
  identity: Identity,
): KeptLogin {
  const { accessToken, refreshToken } = pair;
  const lifetimeMs = pair.expiresIn * 1_000;
  return { accessToken, refreshToken, expiresAt: Date.now() + lifetimeMs, lifetimeMs, identity };
}

/** One token that is not renewed. */
function only(accessToken: string): TokenSource {
  return { token: async () => accessToken, renew: async () => false };
}

/** What `signIn` in the options and `token` in the options exclude. */
export function checkSessionOptions({ signIn, token, getToken }: SessionOptions): void {
  if ([signIn, token, getToken].filter((way) => way !== undefined).length > 1)
    throw new TypeError('createDesk() takes one of signIn, token and getToken.');
}
