/** In ascending order: each role includes the ones before it. */
export const ROLE_WORDS = {
  viewer: 'Viewer: sees the desk and their own portfolios, and follows contracts',
  trader: 'Trader: also sends and imports their own portfolios',
  operator: 'Operator: also sees all portfolios, and runs feeds, masters and webhooks of the desk',
  admin: 'Admin: also manages users and reads the audit trail',
} as const;
export type UserRole = keyof typeof ROLE_WORDS;
export const USER_ROLES = Object.keys(ROLE_WORDS) as UserRole[];

/** The highest of the roles. */
export function highestRole(roles: readonly UserRole[]): UserRole {
  return USER_ROLES.findLast((role) => roles.includes(role)) ?? 'viewer';
}

/** What a change of role means for the person, to be confirmed. */
export function roleChange(from: UserRole, to: UserRole): string {
  const [before, after] = [USER_ROLES.indexOf(from), USER_ROLES.indexOf(to)];
  const added = USER_ROLES.slice(before + 1, after + 1);
  const lost = USER_ROLES.slice(after + 1, before + 1);
  const said = (roles: readonly UserRole[]) => roles.map((role) => ROLE_WORDS[role].split(': also ')[1]).join('; ');
  if (added.length > 0) return `The person then also ${said(added)}.`;
  return `The person then no longer ${said(lost)}. Their open screens and API keys lose it within seconds.`;
}
