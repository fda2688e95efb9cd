import { ownedBy, ownRowsOf, type Principal } from './principal.js';
import type { Role } from './role.js';

const caller = (role: Role) => ({ userId: 'u1', roles: [role] }) as unknown as Principal;

describe('The rows a caller may see', () => {
  it.each(['viewer', 'trader'] as const)('a %s may see only their own rows', (role) => {
    expect(ownedBy(caller(role), { userId: 'u1' })).toBe(true);
    expect(ownedBy(caller(role), { userId: 'u2' })).toBe(false);
    expect(ownedBy(caller(role), { userId: null })).toBe(false);
    expect(ownRowsOf(caller(role))).toBe('u1');
  });

  it.each(['operator', 'admin'] as const)('an %s may see all rows, including those of the desk', (role) => {
    for (const userId of ['u1', 'u2', null]) expect(ownedBy(caller(role), { userId })).toBe(true);
    expect(ownRowsOf(caller(role))).toBeUndefined();
  });
});
