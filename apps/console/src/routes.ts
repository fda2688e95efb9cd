import { type ComponentType, lazy, type LazyExoticComponent } from 'react';
import type { IconName } from './ui/icon.js';
import { includesRole, type RoleName, useWorker } from './ui/roles.js';

export interface ConsoleRoute {
  /** First part of the path, folder of the page, and name of its icon. */
  name: IconName;
  path: string;
  title: string;
  group: 'Desk' | 'Alerting' | 'Book' | 'Operations';
  /** The lowest role that the page has something for. */
  role: RoleName;
  /** `g` and this key go there. */
  key: string;
  page: LazyExoticComponent<ComponentType>;
}

const pages = import.meta.glob<{ default: ComponentType }>('./*/*-page.tsx');

function route(
  group: ConsoleRoute['group'],
  name: IconName,
  title: string,
  key: string,
  role: RoleName = 'viewer',
): ConsoleRoute {
  const page = lazy(pages[`./${name}/${name}-page.tsx`]!);
  return { name, path: name === 'desk' ? '/' : `/${name}`, title, group, role, key, page };
}

/** All pages, in the order of the navigation. Each is loaded when it is first opened. */
export const ROUTES: readonly ConsoleRoute[] = [
  route('Desk', 'desk', 'Desk', 'd'),
  route('Alerting', 'alerts', 'Alerts', 'a'),
  route('Alerting', 'rules', 'Rules', 'r'),
  route('Alerting', 'deliveries', 'Deliveries', 'v'),
  route('Alerting', 'webhooks', 'Webhooks', 'w'),
  route('Book', 'portfolios', 'Portfolios', 'p'),
  route('Book', 'instruments', 'Instruments', 'i'),
  route('Book', 'feeds', 'Feeds', 'f'),
  route('Book', 'filings', 'Filings', 'l'),
  route('Book', 'events', 'Events', 'e'),
  route('Operations', 'system', 'System', 's', 'operator'),
  route('Operations', 'audit', 'Audit', 'u', 'admin'),
  route('Operations', 'users', 'Users', 'm', 'admin'),
  route('Operations', 'account', 'Account', 'c'),
];

/** The pages that the role of the person has something on. */
export function useRoutes(): readonly ConsoleRoute[] {
  const held = useWorker().role;
  return ROUTES.filter(({ role }) => includesRole(held, role));
}
