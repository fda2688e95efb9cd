import { host, type TextStorage } from '../host.js';
import type { Identity } from './identity.js';

/** A login as it is kept: the tokens, when the access token expires (ms since the epoch), and who signed in. */
export interface KeptLogin {
  accessToken: string;
  refreshToken: string;
  expiresAt: number;
  lifetimeMs: number;
  identity: Identity;
}

/** Where a login is kept over a reload of the page. */
export interface TokenStore {
  read(): KeptLogin | undefined;
  write(login: KeptLogin | undefined): void;
}

/** `browser`: all tabs share one login (localStorage). `tab`: this tab only (sessionStorage). `memory`: until the page is closed. */
export type KeepLogin = 'browser' | 'tab' | 'memory';

/** A login that the browser refuses to keep lasts until the page is closed. */
export function tokenStore(keep: KeepLogin, name: string): TokenStore {
  const storage = storageOf(keep);
  let held: KeptLogin | undefined;
  if (storage === undefined) return { read: () => held, write: (login) => void (held = login) };
  return {
    read: () => {
      if (held !== undefined) return held;
      try {
        const kept: unknown = JSON.parse(storage.getItem(name) ?? 'null');
        return isLogin(kept) ? kept : undefined;
      } catch {
        return undefined;
      }
    },
    write: (login) => {
      held = undefined;
      try {
        if (login === undefined) storage.removeItem(name);
        else storage.setItem(name, JSON.stringify(login));
      } catch {
        held = login;
      }
    },
  };
}

/** Text of another version or another program is none. */
function isLogin(value: unknown): value is KeptLogin {
  const { accessToken, refreshToken, expiresAt, identity } = (value ?? {}) as Partial<KeptLogin>;
  const isComplete =
    typeof accessToken === 'string' && typeof refreshToken === 'string' && typeof expiresAt === 'number';
  return isComplete && typeof identity?.id === 'string';
}

/** Undefined where the user has blocked the storage of pages: the browser then throws when it is read. */
function storageOf(keep: KeepLogin): TextStorage | undefined {
  if (keep === 'memory') return undefined;
  try {
    return keep === 'tab' ? host.sessionStorage : host.localStorage;
  } catch {
    return undefined;
  }
}
