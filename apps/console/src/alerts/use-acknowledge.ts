import { type InfiniteData, useQueryClient } from '@tanstack/react-query';
import { useDesk, useIdentity } from '@deskwire/client/react';
import { useToast } from '../ui/index.js';
import { acknowledgePages } from './acknowledging.js';
import type { AlertRow } from './severity.js';

/** As many ids as one request may name. */
const MOST_AT_ONCE = 500;
const LIST = ['/v1/alerts'];
type Loaded = InfiniteData<{ items: AlertRow[] }>;

/** Acknowledges alerts: the list shows it at once, and shows the old state again if the desk refuses. */
export function useAcknowledge(): (ids: readonly string[]) => Promise<void> {
  const desk = useDesk();
  const identity = useIdentity();
  const client = useQueryClient();
  const toast = useToast();
  return async (ids) => {
    if (ids.length === 0) return;
    // An answer that is on its way does not know of the acknowledgement yet.
    await client.cancelQueries({ queryKey: LIST });
    const before = client.getQueriesData<Loaded>({ queryKey: LIST });
    const by = { userId: identity?.id ?? null, at: new Date() };
    for (const [key, loaded] of before)
      if (loaded?.pages !== undefined) client.setQueryData(key, acknowledgePages(loaded, new Set(ids), by));
    try {
      for (let at = 0; at < ids.length; at += MOST_AT_ONCE)
        await desk.post('/v1/alerts/acknowledge', { body: { ids: ids.slice(at, at + MOST_AT_ONCE) } });
      toast(ids.length === 1 ? 'Alert acknowledged' : `${ids.length} alerts acknowledged`);
    } catch (problem) {
      for (const [key, loaded] of before) client.setQueryData(key, loaded);
      toast.problem(problem);
    }
    await client.invalidateQueries({ queryKey: LIST });
  };
}
