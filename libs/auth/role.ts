/** From least to most: each role may do what those before it may. */
export const ROLES = ['viewer', 'trader', 'operator', 'admin'] as const;

export type Role = (typeof ROLES)[number];

/** Whether any of `held` is `needed` or stands above it. */
export function reaches(held: readonly Role[], needed: Role): boolean {
  const rank = ROLES.indexOf(needed);
  return held.some((role) => ROLES.indexOf(role) >= rank);
}

/** What a API key may do today: its own roles, but never above what its owner still holds. */
export function capRoles(wanted: readonly Role[], owner: readonly Role[]): Role[] {
  return wanted.filter((role) => reaches(owner, role));
}
