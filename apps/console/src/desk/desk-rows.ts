import { useMemo } from 'react';
import type { Live, PanelRow, PanelView } from '@deskwire/client';
import { usePanel } from '@deskwire/client/react';

/** Panels in window form: rows by key beside their order. */
type WindowName = 'alerts' | 'deliveries' | 'feeds' | 'portfolios' | 'positions' | 'quotes' | 'sessions' | 'webhooks';

type Listed<Name extends WindowName> = PanelView<Name> & { list: readonly PanelRow<Name>[] };

/** A panel with its rows in order; undefined until the first cut. A row that did not change is the same object as before. */
export function useDeskRows<Name extends WindowName>(live: Live<Name>, name: Name): Listed<Name> | undefined {
  const panel = usePanel(live, name);
  return useMemo(() => {
    if (panel === undefined) return undefined;
    const { order, rows } = panel as unknown as { order: readonly string[]; rows: Record<string, PanelRow<Name>> };
    return { ...panel, list: order.map((key) => rows[key]!) };
  }, [panel]);
}
