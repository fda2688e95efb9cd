import { DeskProblem, isUnauthenticated } from '../problem.js';
import type { Http, TokenSource } from '../rest/http.js';
import type { Answer } from '../rest/calls.js';
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
  #refreshing: Promise<void> | undefined;
  #asking: Promise<Identity> | undefined;
  readonly #tabs: Tabs | undefined;
  readonly #identityListeners = new Set<IdentityListener>();
  readonly #tokenListeners = new Set<(token: string) => void>();

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

  /** Whether `renew` can give another token while this one is still valid. */
  get renewable(): boolean {
    return this.options.token === undefined;
  }

  onIdentity(listener: IdentityListener): () => void {
    this.#identityListeners.add(listener);
    return () => void this.#identityListeners.delete(listener);
  }

  /** Called with each new access token, so that sockets can send it. */
  onToken(listener: (token: string) => void): () => void {
    this.#tokenListeners.add(listener);
    return () => void this.#tokenListeners.delete(listener);
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
    await this.renew(login.accessToken);
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
    await this.#enter(credentials);
    this.#left = false;
    return this.#identity!;
  }

  /** Ends the login at the desk, and here even if the desk does not answer. */
  async signOut(): Promise<void> {
    const { accessToken } = this.#login ?? {};
    this.#left = true;
    this.#keep(undefined);
    this.#tabs?.tell(undefined);
    if (accessToken === undefined) return;
    const tokens = { token: async () => accessToken, renew: async () => false };
    await this.http.send('post', '/v1/auth/logout', {}, tokens).catch((error: unknown) => {
      if (!(error instanceof DeskProblem)) throw error;
    });
  }

  close(): void {
    this.#tabs?.close();
  }

  #once(work: () => Promise<void>): Promise<void> {
    this.#refreshing ??= work().finally(() => (this.#refreshing = undefined));
    return this.#refreshing;
  }

  async #enter(credentials: Credentials): Promise<void> {
    const pair = (await this.http.send('post', '/v1/auth/login', { body: credentials })) as Answer<
      '/v1/auth/login',
      'post'
    >;
    const tokens = { token: async () => pair.accessToken, renew: async () => false };
    this.#tell(loginOf(pair, await askIdentity(this.http, tokens)));
  }

  async #refresh(before: KeptLogin): Promise<void> {
    const work = async () => {
      const { refreshToken, identity } = this.#login!;
      try {
        const body = { refreshToken };
        const pair = (await this.http.send('post', '/v1/auth/refresh', { body })) as Answer<'/v1/auth/refresh', 'post'>;
        this.#tell(loginOf(pair, identity));
        void this.#checkIdentity();
      } catch (error) {
        if (!isUnauthenticated(error)) throw error;
        if (this.options.signIn !== undefined) await this.#enter(this.options.signIn);
        else this.#tell(undefined, error as DeskProblem);
      }
    };
    if (this.#tabs === undefined) return work();
    await this.#tabs.alone(() => this.#isReplaced(before), work);
  }

  /** Whether another tab has replaced the token or signed out. Takes over what it kept. */
  #isReplaced(before: KeptLogin): boolean {
    const kept = this.store.read();
    if (kept?.accessToken !== before.accessToken || kept.refreshToken !== before.refreshToken) this.#adopt(kept);
    return this.#login !== before;
  }

  #tell(login: KeptLogin | undefined, problem?: DeskProblem): void {
    this.#keep(login, problem);
    this.#tabs?.tell(login);
  }

  #keep(login: KeptLogin | undefined, problem?: DeskProblem): void {
    this.store.write(login);
    this.#adopt(login, problem);
  }

  #adopt(login: KeptLogin | undefined, problem?: DeskProblem): void {
    this.#login = login;
    this.#become(login?.identity, problem);
    if (login !== undefined) for (const listener of [...this.#tokenListeners]) listener(login.accessToken);
  }

  #become(identity: Identity | undefined, problem?: DeskProblem): void {
    if (JSON.stringify(identity) === JSON.stringify(this.#identity)) return;
    this.#identity = identity;
    for (const listener of [...this.#identityListeners]) listener(identity, problem);
  }

  /** An admin may have changed the role of a kept login. It stays as it is while the desk does not answer. */
  async #checkIdentity(): Promise<void> {
    const identity = await askIdentity(this.http, this).catch(() => undefined);
    const login = this.#login;
    if (identity === undefined || login?.identity.id !== identity.id || identity.role === login.identity.role) return;
    this.#tell({ ...login, identity });
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

/** What `signIn` in the options and `token` in the options exclude. */
export function checkSessionOptions({ signIn, token, getToken }: SessionOptions): void {
  if ([signIn, token, getToken].filter((way) => way !== undefined).length > 1)
    throw new TypeError('createDesk() takes one of signIn, token and getToken.');
}
