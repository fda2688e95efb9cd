import type { CollectionConfig, SyncConfig } from '@tanstack/db';
import type { Current, Live, PanelName, PanelRow } from '../index.js';

/** A row of a panel with its key. */
export type KeyedRow<N extends PanelName> = PanelRow<N> & { $key: string };

/**
 * Options of a TanStack DB collection that follows a panel: `createCollection(panelCollection(live, 'alerts'))`. It is ready with the
 * first cut. Each change of the panel is one transaction with the rows that changed. The collection is read-only: change data over REST.
 */
export function panelCollection<N extends PanelName, Name extends N>(
  live: Live<N>,
  name: Name,
): CollectionConfig<KeyedRow<Name>, string> {
  const sync: SyncConfig<KeyedRow<Name>, string>['sync'] = ({ begin, write, commit, markReady }) => {
    let before: Readonly<Record<string, unknown>> = {};
    const take = ({ panels, snapshot }: Current<N>) => {
      const shown = panels[name] as { rows?: Readonly<Record<string, unknown>> } | undefined;
      const rows = shown?.rows ?? {};
      if (rows !== before) {
        begin();
        for (const key in before)
          if (!Object.hasOwn(rows, key)) write({ type: 'delete', value: keyed(key, before[key]) });
        for (const key in rows) {
          if (rows[key] === before[key]) continue;
          write({ type: Object.hasOwn(before, key) ? 'update' : 'insert', value: keyed(key, rows[key]) });
        }
        void commit();
        before = rows;
      }
      if (snapshot !== undefined) markReady();
    };
    return live.subscribe(take);
  };
  return { id: `deskwire:${name}`, getKey: ({ $key }) => $key, sync: { sync, rowUpdateMode: 'full' } };

  function keyed(key: string, row: unknown): KeyedRow<Name> {
    return { ...(row as object), $key: key } as KeyedRow<Name>;
  }
}
