import { capRoles, reaches, ROLES } from './role.js';

describe('roles', () => {
  it('a role includes every role below it', () => {
    for (const [rank, role] of ROLES.entries()) {
      expect(ROLES.filter((needed) => reaches([role], needed))).toEqual(ROLES.slice(0, rank + 1));
    }
  });

  it('no roles reach no role', () => {
    expect(reaches([], 'viewer')).toBe(false);
  });

  it('an API key never has a role above the current roles of its owner', () => {
    expect(capRoles(['viewer', 'operator'], ['admin'])).toEqual(['viewer', 'operator']);
    expect(capRoles(['viewer', 'operator'], ['trader'])).toEqual(['viewer']);
    expect(capRoles(['admin'], ['operator'])).toEqual([]);
  });
});
