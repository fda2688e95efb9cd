import { useList } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';

export type RuleRow = ItemOf<'/v1/alert-rules'>;

/** The rules that the reader may see, for names and filters: the first hundred. */
export function useRules(): readonly RuleRow[] {
  return useList('/v1/alert-rules', { limit: 100 }).rows;
}
