import { useCallback, useMemo } from 'react';
import { useList } from '../ui/index.js';
import type { ItemOf } from '@deskwire/client';

export type Person = ItemOf<'/v1/users'>;

/** The users of the desk by id, for admins. */
export function usePeople() {
  const { rows: all } = useList('/v1/users', { limit: 500 });
  const byId = useMemo(() => new Map(all.map((person) => [person.id, person])), [all]);
  const find = useCallback((id: string) => byId.get(id), [byId]);
  /** The e-mail address; the id of a user who was removed. */
  const nameOf = useCallback((id: string) => byId.get(id)?.email ?? id, [byId]);
  return { all, find, nameOf };
}
