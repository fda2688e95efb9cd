import { useSyncExternalStore } from 'react';

/** Choices of this browser. They are stored in `localStorage`, so that every tab has them. */
export interface Preferences {
  theme: 'system' | 'light' | 'dark';
  density: 'comfortable' | 'compact';
  /** `local`, `UTC` or an IANA name such as `Asia/Kolkata`. */
  zone: string;
  grouping: 'thousands' | 'lakh';
  /** Desktop notification of each new unacknowledged critical alert. */
  notify: boolean;
  /** A tone for each new unacknowledged critical alert. */
  sound: boolean;
}

const KEY = 'deskwire.preferences';
const DEFAULTS: Preferences = {
  theme: 'system',
  density: 'comfortable',
  zone: 'local',
  grouping: 'thousands',
  notify: false,
  sound: false,
};
const listeners = new Set<() => void>();
let current = read();

function read(): Preferences {
  try {
    return { ...DEFAULTS, ...(JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Preferences>) };
  } catch {
    return DEFAULTS;
  }
}

/** Shows the choices in the document's attributes, which the stylesheets read. */
export function applyPreferences(): void {
  const { dataset } = document.documentElement;
  if (current.theme === 'system') delete dataset['theme'];
  else dataset['theme'] = current.theme;
  dataset['density'] = current.density;
}

function replace(next: Preferences): void {
  current = next;
  applyPreferences();
  for (const listener of listeners) listener();
}

/** Another tab has changed them. */
globalThis.addEventListener?.('storage', ({ key }) => {
  if (key === KEY) replace(read());
});

export function changePreferences(change: Partial<Preferences>): void {
  const next = { ...current, ...change };
  localStorage.setItem(KEY, JSON.stringify(next));
  replace(next);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The choices of this browser. The component renders again when one changes, also in another tab. */
export function usePreferences(): Preferences {
  return useSyncExternalStore(subscribe, () => current);
}

/** Browsers list some zones by a name that their people no longer use. */
const RENAMED: Readonly<Record<string, string>> = {
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Europe/Kiev': 'Europe/Kyiv',
};

/** The IANA name of the zone in which the person wants times. */
export function useZoneName(): string {
  return zoneName(usePreferences().zone);
}

/** The IANA name of a chosen zone. */
export function zoneName(zone: string): string {
  const name = zone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone;
  return RENAMED[name] ?? name;
}
