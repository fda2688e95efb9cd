/** In ascending order: each role includes the ones before it. */
export const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whether any of `held` is `needed` or above it. */
export function reaches(held: readonly Role[], needed: Role): boolean {
  const rank = ROLES.indexOf(needed);
  return held.some((role) => ROLES.indexOf(role) >= rank);
}

/** The current roles of an API key: its own, but none above the roles of its owner. */
export function capRoles(wanted: readonly Role[], owner: readonly Role[]): Role[] {
  return wanted.filter((role) => reaches(owner, role));
}
