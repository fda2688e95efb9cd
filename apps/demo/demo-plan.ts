import type { Role } from '#auth';

export interface DemoUser {
  email: string;
  displayName: string;
  role: Role;
}

export interface DemoPortfolio {
  portfolioId: string;
  owner: string;
  broker: string;
  account: string;
  positions: number;
}

/** A broker session: its lifetime, and how long it stays expired until the user signs in again. */
export interface DemoSession {
  owner: string;
  broker: string;
  account: string;
  lifetimeMs: number;
  restMs: number;
}

const MINUTE = 60_000;
const email = (name: string) => `${name}@demo.deskwire.local`;

/** No admin: a person who reads the demo passwords from a screen has at most the rights of an operator. */
export const DEMO_USERS: readonly DemoUser[] = [
  { email: email('operator'), displayName: 'Demo Operator', role: 'operator' },
  { email: email('asha'), displayName: 'Demo Trader Asha', role: 'trader' },
  { email: email('ravi'), displayName: 'Demo Trader Ravi', role: 'trader' },
  { email: email('viewer'), displayName: 'Demo Viewer', role: 'viewer' },
];

export const DEMO_OPERATOR = DEMO_USERS[0]!.email;
export const DEMO_BROKERS = ['demo-alpha', 'demo-beta'] as const;
export const DEMO_CURRENCY = 'INR';

export const DEMO_PORTFOLIOS: readonly DemoPortfolio[] = [
  { portfolioId: 'demo-alpha-core', owner: email('asha'), broker: 'demo-alpha', account: 'DA1001', positions: 14 },
  { portfolioId: 'demo-alpha-options', owner: email('asha'), broker: 'demo-alpha', account: 'DA1001', positions: 8 },
  { portfolioId: 'demo-beta-income', owner: email('asha'), broker: 'demo-beta', account: 'DB2001', positions: 6 },
  { portfolioId: 'demo-alpha-swing', owner: email('ravi'), broker: 'demo-alpha', account: 'DA1002', positions: 10 },
  { portfolioId: 'demo-beta-core', owner: email('ravi'), broker: 'demo-beta', account: 'DB2002', positions: 12 },
  { portfolioId: 'demo-beta-hedge', owner: email('ravi'), broker: 'demo-beta', account: 'DB2002', positions: 7 },
  { portfolioId: 'demo-viewer-savings', owner: email('viewer'), broker: 'demo-beta', account: 'DB2003', positions: 4 },
];

/** One session that lasts all day, one that is always about to expire, one that expires and returns every few minutes. */
export const DEMO_SESSIONS: readonly DemoSession[] = [
  { owner: email('asha'), broker: 'demo-alpha', account: 'DA1001', lifetimeMs: 8 * 60 * MINUTE, restMs: 0 },
  { owner: email('asha'), broker: 'demo-beta', account: 'DB2001', lifetimeMs: 12 * MINUTE, restMs: 2 * MINUTE },
  { owner: email('ravi'), broker: 'demo-alpha', account: 'DA1002', lifetimeMs: 6 * 60 * MINUTE, restMs: 0 },
  { owner: email('ravi'), broker: 'demo-beta', account: 'DB2002', lifetimeMs: MINUTE, restMs: MINUTE },
];

/** Number of contracts that each demo user follows, except the viewer. */
export const DEMO_WATCHLIST_LENGTH = 6;
