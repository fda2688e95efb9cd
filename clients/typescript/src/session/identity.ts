import type { Http, TokenSource } from '../rest/http.js';
import type { Answer } from '../rest/calls.js';

/** In ascending order: each role includes the ones before it. */
export const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const;

export type DeskRole = (typeof ROLES)[number];

/** Who is signed in. */
export interface Identity {
  id: string;
  email: string;
  name: string;
  /** The highest role. Each role includes the ones before it: viewer, trader, operator, admin. */
  role: DeskRole;
}

/** Whether a role is `needed` or above it. Use it to offer only what the server allows. */
export function hasRole(identity: Identity | undefined, needed: DeskRole): boolean {
  return identity !== undefined && ROLES.indexOf(identity.role) >= ROLES.indexOf(needed);
}

export async function askIdentity(http: Http, tokens: TokenSource): Promise<Identity> {
  const me = (await http.send('get', '/v1/auth/me', {}, tokens)) as Answer<'/v1/auth/me'>;
  const rank = Math.max(...me.roles.map((role) => ROLES.indexOf(role)));
  return { id: me.userId, email: me.email, name: me.displayName, role: ROLES[rank] ?? 'viewer' };
}
