import {
  createContext,
  createElement,
  type ReactNode,
  useContext,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react';
import type { Desk, Identity, Live, LiveStatus, PanelName, PanelView, WantedPanels, WatchOptions } from '../index.js';
import { selection } from './selection.js';

const DeskContext = createContext<Desk | undefined>(undefined);

/** Gives the components below it their desk. */
export function DeskProvider({ desk, children }: { desk: Desk; children?: ReactNode }) {
  return createElement(DeskContext, { value: desk }, children);
}

/** @throws Error outside of a DeskProvider */
export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === undefined) throw new Error('useDesk() needs a <DeskProvider desk={..}> above it.');
  return desk;
}

/** Who is signed in; undefined while nobody is. */
export function useIdentity(): Identity | undefined {
  const desk = useDesk();
  return useSyncExternalStore(
    desk.onIdentity,
    () => desk.identity,
    () => desk.identity,
  );
}

/** A watch on these panels, the same one while their names and parameters are equal. */
export function useLive<N extends PanelName>(panels: WantedPanels<N>, { maxPerSecond }: WatchOptions = {}): Live<N> {
  const desk = useDesk();
  const key = JSON.stringify(panels);
  return useMemo(
    () => desk.watch(JSON.parse(key) as WantedPanels<N>, maxPerSecond === undefined ? {} : { maxPerSecond }),
    [desk, key, maxPerSecond],
  );
}

/** A panel, or a part of it; undefined before the first cut. The component renders again when this part changes, and only then. */
export function usePanel<N extends PanelName, Name extends N>(live: Live<N>, name: Name): PanelView<Name> | undefined;
export function usePanel<N extends PanelName, Name extends N, Part>(
  live: Live<N>,
  name: Name,
  select: (panel: PanelView<Name>) => Part,
): Part | undefined;
export function usePanel(live: Live, name: PanelName, select?: (panel: never) => unknown): unknown {
  // One memory for each component: a part of another watch or panel is compared like any other.
  const [take] = useState(() => selection<unknown, unknown>());
  const read = () => {
    const panel = live.current.panels[name];
    return panel === undefined ? undefined : take(panel, select as (panel: unknown) => unknown);
  };
  return useSyncExternalStore(useSubscribe(live), read, read);
}

/** The status of a watch. */
export function useLiveStatus(live: Live<never>): LiveStatus {
  const read = () => live.current.status;
  return useSyncExternalStore(useSubscribe(live), read, read);
}

function useSubscribe(live: Live<never>): (onChange: () => void) => () => void {
  return useMemo(() => (onChange: () => void) => live.subscribe(onChange), [live]);
}
