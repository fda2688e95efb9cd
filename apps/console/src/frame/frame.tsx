import { lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useLive, usePanel } from '@deskwire/client/react';
import { DRAWN } from '../desk-client.js';
import { useRoutes } from '../routes.js';
import { Badge, Icon, IconButton } from '../ui/index.js';
import { changePreferences, usePreferences } from '../ui/preferences.js';
import { useWorker } from '../ui/roles.js';
import { FRAME_PANELS, useAlarms } from './alarms.js';
import { ConnectionBadge, ConnectionBanner } from './connection.js';
import { KeyboardHelp } from './keyboard-help.js';
import { Navigation, PhoneBar } from './navigation.js';
import { useShortcuts } from './shortcuts.js';
import { useLeave } from './worker-gate.js';

const loadPalette = () => import('./palette.js');
const Palette = lazy(loadPalette);

type Opened = 'palette' | 'help' | 'menu';

/** What every page stands in: navigation, state of the connection, commands, help. */
export function Frame({ children }: { children: ReactNode }) {
  const live = useLive(FRAME_PANELS, DRAWN);
  const criticals = useAlarms(live);
  const demo = usePanel(live, 'system', (panel) => panel.demo);
  const [path, navigate] = useLocation();
  const routes = useRoutes();
  const page = path.split('/')[1];
  // What was opened on another page is closed on this one.
  const [opened, setOpened] = useState<{ what: Opened; page: string | undefined }>();
  const open = opened?.page === page ? opened?.what : undefined;
  const setOpen = (what: Opened | undefined) => setOpened(what && { what, page });
  const main = useRef<HTMLElement>(null);
  useShortcuts({
    palette: () => setOpen(open === 'palette' ? undefined : 'palette'),
    help: () => setOpen('help'),
    go: (key) => {
      const route = routes.find((each) => each.key === key);
      if (route) navigate(route.path);
      return route !== undefined;
    },
  });
  // Whoever opens the palette types at once.
  useEffect(() => void loadPalette(), []);
  useEffect(() => {
    // A keyboard begins at the new page, and not in the navigation.
    if (document.activeElement === document.body || document.activeElement?.closest('nav')) main.current?.focus();
  }, [page]);
  return (
    <>
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        Skip to the page
      </a>
      <Navigation criticals={criticals} open={open === 'menu'} onClose={() => setOpen(undefined)} />
      <div className="work">
        <header className="top">
          <Link href="/" className="brand brand-small">
            Desk<span>wire</span>
          </Link>
          <ConnectionBadge live={live} />
          {demo && (
            <span title="Generated data. Remove it with: deskwire demo clear">
              <Badge tone="warn">Demo data</Badge>
            </span>
          )}
          <button type="button" className="search-button" onClick={() => setOpen('palette')}>
            <Icon name="search" />
            <span>Search or do</span>
            <kbd>Ctrl K</kbd>
          </button>
          <TopActions criticals={criticals} onHelp={() => setOpen('help')} />
        </header>
        <ConnectionBanner live={live} />
        <main id="main" ref={main} tabIndex={-1}>
          {children}
        </main>
        <PhoneBar criticals={criticals} onMenu={() => setOpen('menu')} />
      </div>
      {open === 'palette' && (
        <Suspense>
          <Palette onClose={() => setOpen(undefined)} onHelp={() => setOpen('help')} />
        </Suspense>
      )}
      {open === 'help' && <KeyboardHelp onClose={() => setOpen(undefined)} />}
    </>
  );
}

function TopActions({ criticals, onHelp }: { criticals: number; onHelp: () => void }) {
  const { email, role } = useWorker();
  const { theme } = usePreferences();
  const leave = useLeave();
  const dark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <div className="top-actions">
      {criticals > 0 && (
        <Link href="/alerts?severity=critical&acknowledged=false" className="criticals">
          <Icon name="alerts" />
          <span>
            {criticals} critical<span className="visually-hidden"> alerts are not acknowledged</span>
          </span>
        </Link>
      )}
      <IconButton
        icon={dark ? 'sun' : 'moon'}
        label={dark ? 'Use the light theme' : 'Use the dark theme'}
        onClick={() => changePreferences({ theme: dark ? 'light' : 'dark' })}
      />
      <IconButton icon="help" label="Keyboard help" onClick={onHelp} className="not-phone" />
      <Link href="/account" className="who" title="Account">
        <span>{email}</span>
        <small>{role}</small>
      </Link>
      <button type="button" className="button not-phone" onClick={leave}>
        Sign out
      </button>
    </div>
  );
}
