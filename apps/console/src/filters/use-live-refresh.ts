import { useEffect, useRef } from 'react';
import type { WantedPanels } from '@deskwire/client';
import { useLive, usePanel } from '@deskwire/client/react';
import type { List } from '../ui/index.js';

/** A busy desk changes a panel many times a second: each page of a list is read again at most this often. */
const REFRESH_MS = 1_000;
type ListedPanel = 'alerts' | 'deliveries' | 'webhooks';

/** Reads a list again when the live panel of the same rows changes. */
export function useLiveRefresh(panel: ListedPanel, { refresh, pages }: Pick<List<unknown>, 'refresh' | 'pages'>): void {
  const seen = usePanel(useLive({ [panel]: {} } as WantedPanels<ListedPanel>), panel);
  const lastRefresh = useRef(Number.NEGATIVE_INFINITY);
  const first = useRef(seen);
  useEffect(() => {
    // The list was read when the page opened, so the first cut brings nothing new.
    first.current ??= seen;
    if (seen === undefined || seen === first.current) return undefined;
    const wait = Math.max(0, lastRefresh.current + REFRESH_MS * pages - performance.now());
    const timer = setTimeout(() => {
      lastRefresh.current = performance.now();
      refresh();
    }, wait);
    return () => clearTimeout(timer);
  }, [seen, refresh, pages]);
}
