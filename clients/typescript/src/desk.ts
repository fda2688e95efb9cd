import { host, isPage } from './host.js';
import { Watches } from './live/watches.js';
import type { Live, PanelName, WantedPanels, WatchOptions } from './live/panels.js';
import { openSocket, type OpenWire } from './live/wire.js';
import type {
  AnyInit,
  Answer,
  CallArguments,
  CallInit,
  CallOptions,
  ItemOf,
  ListPath,
  Method,
  PathOf,
  QueryOf,
} from './rest/calls.js';
import { Http } from './rest/http.js';
import type { Identity } from './session/identity.js';
import {
  checkSessionOptions,
  type Credentials,
  type IdentityListener,
  Session,
  type SessionOptions,
} from './session/session.js';
import { type KeepLogin, tokenStore } from './session/token-store.js';

export interface DeskOptions extends SessionOptions {
  /** Address of the desk with its base path, such as `https://desk.example/desk`. In a page `/` is its own server. */
  url: string;
  /** Where a login of `desk.signIn()` is kept over a reload. Default: `browser` in pages, `memory` elsewhere and with the other options. */
  keep?: KeepLogin;
  /** Replaces `fetch`, for tests and proxies. */
  fetch?: typeof globalThis.fetch;
  /** Replaces the socket, for tests. */
  openWire?: OpenWire;
}

type Call<M extends Method> = <P extends PathOf<M>>(path: P, ...init: CallArguments<P, M>) => Promise<Answer<P, M>>;

/** A desk: its REST API, its live panels, and who is signed in. Errors are `DeskProblem`. */
export interface Desk {
  readonly get: Call<'get'>;
  readonly post: Call<'post'>;
  readonly put: Call<'put'>;
  readonly patch: Call<'patch'>;
  readonly delete: Call<'delete'>;
  /** All items of a list, page by page while they are taken. */
  pages<P extends ListPath>(
    path: P,
    query?: QueryOf<P>,
    options?: CallOptions & Pick<CallInit<P, 'get'>, 'params'>,
  ): AsyncIterable<ItemOf<P>>;
  /** Watches panels, each with its parameters. It connects with its first listener. */
  watch<N extends PanelName>(panels: WantedPanels<N>, options?: WatchOptions): Live<N>;
  signIn(credentials: Credentials): Promise<Identity>;
  signOut(): Promise<void>;
  /** Undefined while nobody is signed in, and with `signIn`, `token` or `getToken` before the first request. */
  readonly identity: Identity | undefined;
  /** Calls the listener when somebody signs in or out, with the problem that ended the login. @returns ends it */
  onIdentity(listener: IdentityListener): () => void;
  /** Resolves to the identity, which it asks for if it is not known. */
  ready(): Promise<Identity | undefined>;
  /** Ends every watch and stops listening to other tabs. */
  close(): void;
}

export function createDesk(options: DeskOptions): Desk {
  checkSessionOptions(options);
  const { origin, pathname } = new URL(options.url, host.location?.href);
  const url = origin + pathname.replace(/\/+$/, '');
  const http = new Http(url, options.fetch ?? ((...request) => globalThis.fetch(...request)));
  const own = options.signIn === undefined && options.token === undefined && options.getToken === undefined;
  const keep = options.keep ?? (own && isPage ? 'browser' : 'memory');
  const name = `deskwire:${url}`;
  const session = new Session(http, options, tokenStore(keep, name), keep === 'browser' ? name : undefined);
  const watches = new Watches({ openWire: options.openWire ?? openSocket, url, session });
  const call =
    (method: Method) =>
    (path: string, init?: AnyInit): Promise<never> =>
      http.send(method, path, init, session) as Promise<never>;
  const get = call('get');

  return {
    get,
    post: call('post'),
    put: call('put'),
    patch: call('patch'),
    delete: call('delete'),
    async *pages(path: string, query: object = {}, init: object = {}) {
      let cursor: string | null | undefined;
      do {
        const page = (await get(path, { ...init, query: cursor ? { ...query, cursor } : { ...query } })) as {
          items: never[];
          nextCursor?: string | null;
        };
        yield* page.items;
        cursor = page.nextCursor;
      } while (cursor);
    },
    watch: (panels, watchOptions) => watches.watch(panels, watchOptions),
    signIn: (credentials) => session.signIn(credentials),
    signOut: () => session.signOut(),
    get identity() {
      return session.identity;
    },
    onIdentity: (listener) => session.onIdentity(listener),
    ready: () => session.ready(),
    close: () => {
      watches.close();
      session.close();
    },
  } as Desk;
}
