import { Link, useLocation } from 'wouter';
import { type ConsoleRoute, ROUTES, useRoutes } from '../routes.js';
import { Drawer, Icon } from '../ui/index.js';
import { useLeave } from './worker-gate.js';

interface NavigationProps {
  criticals: number;
  /** On a phone: whether the menu is shown. */
  open: boolean;
  onClose: () => void;
}

const GROUPS = ['Desk', 'Alerting', 'Book', 'Operations'] as const;

/** The pages by group: beside the page, and on a phone in a drawer. */
export function Navigation({ criticals, open, onClose }: NavigationProps) {
  return (
    <>
      <nav className="side" aria-label="Pages">
        <Link href="/" className="brand">
          Desk<span>wire</span>
        </Link>
        <PageList criticals={criticals} />
      </nav>
      {open && (
        <Drawer title="Pages" onClose={onClose}>
          <nav aria-label="All pages" className="menu">
            <PageList criticals={criticals} />
            <LeaveButton />
          </nav>
        </Drawer>
      )}
    </>
  );
}

function LeaveButton() {
  const leave = useLeave();
  return (
    <button type="button" className="button" onClick={leave}>
      Sign out
    </button>
  );
}

function PageList({ criticals }: { criticals: number }) {
  const routes = useRoutes();
  return GROUPS.map((group) => (
    <ul key={group} aria-label={group}>
      {routes
        .filter((route) => route.group === group)
        .map((route) => (
          <li key={route.path}>
            <PageLink route={route} criticals={criticals} />
          </li>
        ))}
    </ul>
  ));
}

function PageLink({ route: { name, path, title }, criticals }: { route: ConsoleRoute; criticals: number }) {
  const [location] = useLocation();
  const current = path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`);
  return (
    <Link href={path} className="page-link" aria-current={current ? 'page' : undefined}>
      <Icon name={name} />
      <span>{title}</span>
      {name === 'alerts' && criticals > 0 && (
        <b className="count" aria-label={`${criticals} critical`}>
          {criticals}
        </b>
      )}
    </Link>
  );
}

const PHONE = ['desk', 'alerts', 'portfolios'];

/** The bar at the bottom of a phone. */
export function PhoneBar({ criticals, onMenu }: { criticals: number; onMenu: () => void }) {
  return (
    <nav className="phone-bar" aria-label="Main pages">
      {ROUTES.filter(({ name }) => PHONE.includes(name)).map((route) => (
        <PageLink key={route.path} route={route} criticals={criticals} />
      ))}
      <button type="button" className="page-link" onClick={onMenu}>
        <Icon name="menu" />
        <span>More</span>
      </button>
    </nav>
  );
}
