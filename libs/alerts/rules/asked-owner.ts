import { isOperator, type Principal } from '#auth';
import { othersAlerts } from '../alerts.errors.js';

/**
 * The owner whose rows a list shows: of users their own; of operators all (undefined), those of one user, or those of the
 * desk (null).
 * @throws DomainError ALERTS_NOT_YOURS
 */
export function askedOwner(
  principal: Principal,
  { userId, scope }: { userId?: string | undefined; scope?: 'mine' | 'desk' | undefined },
): string | null | undefined {
  if (isOperator(principal)) return scope === 'desk' ? null : scope === 'mine' ? principal.userId : userId;
  if (scope === 'desk' || (userId !== undefined && userId.toLowerCase() !== principal.userId)) throw othersAlerts();
  return principal.userId;
}
