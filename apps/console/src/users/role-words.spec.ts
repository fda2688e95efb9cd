import { highestRole, roleChange } from './role-words.js';

describe('roles in words', () => {
  it('the highest role counts, in whatever order they are listed', () => {
    expect([highestRole(['operator', 'viewer']), highestRole(['viewer']), highestRole([])]).toEqual([
      'operator',
      'viewer',
      'viewer',
    ]);
  });

  it('a change says what the person gains or loses', () => {
    expect(roleChange('trader', 'admin')).toBe(
      'The person then also sees all portfolios, and runs feeds, masters and webhooks of the desk; manages users and reads the audit trail.',
    );
    expect(roleChange('admin', 'operator')).toMatch(
      /^The person then no longer manages users and reads the audit trail\./,
    );
  });
});
