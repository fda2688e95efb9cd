import { useCallback, useState } from 'react';

export const PANEL_NAMES = [
  'alerts',
  'quotes',
  'portfolios',
  'positions',
  'sessions',
  'feeds',
  'webhooks',
  'deliveries',
  'instruments',
  'system',
] as const;
export type PanelName = (typeof PANEL_NAMES)[number];

export interface Placed {
  name: PanelName;
  wide: boolean;
  hidden: boolean;
}

const KEY = 'deskwire.desk';
const WIDE: readonly PanelName[] = ['portfolios', 'positions'];
const DEFAULT: readonly Placed[] = PANEL_NAMES.map((name) => ({ name, wide: WIDE.includes(name), hidden: false }));

/** A stored arrangement keeps to the panels of this build: unknown ones are left out, new ones come last. */
function stored(): readonly Placed[] {
  try {
    const read = JSON.parse(localStorage.getItem(KEY) ?? '[]') as Placed[];
    const known = read.filter(({ name }) => PANEL_NAMES.includes(name));
    return [...known, ...DEFAULT.filter(({ name }) => !known.some((placed) => placed.name === name))];
  } catch {
    return DEFAULT;
  }
}

export interface Arrangement {
  panels: readonly Placed[];
  change: (name: PanelName, change: Partial<Pick<Placed, 'wide' | 'hidden'>>) => void;
  /** Places a panel where another one is. */
  move: (name: string, to: PanelName) => void;
  /** Places a panel one visible place earlier (-1) or later (1). */
  shift: (name: PanelName, by: -1 | 1) => void;
  reset: () => void;
}

/** The order and size of the panels. It is kept in this browser. */
export function useArrangement(): Arrangement {
  const [panels, setPanels] = useState(stored);
  const set = useCallback((make: (panels: readonly Placed[]) => readonly Placed[]) => {
    setPanels((before) => {
      const after = make(before);
      localStorage.setItem(KEY, JSON.stringify(after));
      return after;
    });
  }, []);
  return {
    panels,
    change: (name, change) => set((all) => all.map((panel) => (panel.name === name ? { ...panel, ...change } : panel))),
    move: (name, to) => set((all) => moved(all, name, to)),
    shift: (name, by) =>
      set((all) => {
        const shown = all.filter(({ hidden }) => !hidden);
        const neighbour = shown[shown.findIndex((panel) => panel.name === name) + by];
        return neighbour ? moved(all, name, neighbour.name) : all;
      }),
    reset: () => set(() => DEFAULT),
  };
}

/** @param name whatever was dropped: only a panel moves */
export function moved(all: readonly Placed[], name: string, to: PanelName): readonly Placed[] {
  const target = all.findIndex((panel) => panel.name === to);
  const panel = all.find((each) => each.name === name);
  if (panel === undefined) return all;
  const rest = all.filter((each) => each !== panel);
  return [...rest.slice(0, target), panel, ...rest.slice(target)];
}
