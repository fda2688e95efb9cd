import { capRoles, reaches, ROLES } from './role.js';

describe('roles', () => {
  it('may do what those below them may', () => {
    for (const [rank, role] of ROLES.entries()) {
      expect(ROLES.filter((needed) => reaches([role], needed))).toEqual(ROLES.slice(0, rank + 1));
    }
  });

  it('reach nothing when there are none', () => {
    expect(reaches([], 'viewer')).toBe(false);
  });

  it('never let a key do more than its owner can today', () => {
    expect(capRoles(['viewer', 'operator'], ['admin'])).toEqual(['viewer', 'operator']);
    expect(capRoles(['viewer', 'operator'], ['trader'])).toEqual(['viewer']);
    expect(capRoles(['admin'], ['operator'])).toEqual([]);
  });
});
