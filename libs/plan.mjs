// Who may import whom. A row is a lib; `foundation` rows may use every row above them, `domain` rows may use all
// of the foundation and the domain libs they name, each of them a row above. Read by .dependency-cruiser.mjs,
// scripts/graph.mjs and test/integration/plan.spec.ts.

/** Libs that know no domain, in order: each may use those above it. */
export const foundation = [
  'config',
  'errors',
  'resilience',
  'time',
  'decimal',
  'text',
  'ids',
  'telemetry',
  'threads',
  'http',
  'sealing',
  'database',
  'quotas',
  'background',
  'redis',
  'changes',
  'caching',
  'idempotency',
  'throttling',
  'auth',
  'egress',
  'jobs',
  'panels',
  'realtime',
  'system',
];

/** Libs of the desk, each with the domain libs that it may import. */
export const domain = {
  events: [],
  deliveries: [],
  venues: ['events'],
  sessions: ['events'],
  instruments: ['events'],
  portfolios: ['events', 'venues', 'instruments'],
  alerts: ['events', 'deliveries'],
  webhooks: ['events', 'deliveries'],
  filings: ['events'],
  feeds: ['events', 'venues', 'filings', 'instruments', 'portfolios'],
  audit: ['events'],
  dashboard: [],
};

/** Rooms (subfolders) of the large libs, in order: each may use those before it. A lib's own root is open to all its rooms. */
export const rooms = {
  database: ['pools', 'transactions', 'migrations'],
  http: ['bodies', 'methods', 'connections'],
  throttling: ['counting', 'cluster'],
  auth: ['tokens', 'credentials', 'statuses', 'logins', 'api-keys', 'users'],
  events: ['inbox'],
  deliveries: ['lanes', 'ledger', 'sending'],
  instruments: ['masters', 'catalogue', 'imports'],
  portfolios: ['valuation', 'rates', 'quotes', 'snapshots', 'history', 'book'],
  alerts: ['conditions', 'rules', 'matching', 'messages', 'alerts', 'trials'],
  webhooks: ['endpoints', 'health'],
  filings: ['edgar', 'register', 'summaries'],
  venues: ['calendars'],
  feeds: ['sources', 'formats', 'cycles', 'replay'],
  dashboard: ['cuts'],
  realtime: ['budgets', 'flow'],
};

/** Every lib of the house, foundation first. */
export const libs = [...foundation, ...Object.keys(domain)];

/** The libs that `lib` may import, in the plan's order. */
export function allowedImports(lib) {
  const height = foundation.indexOf(lib);
  if (height >= 0) return foundation.slice(0, height);
  const named = domain[lib];
  if (named === undefined) throw new Error(`libs/plan.mjs has no row for ${lib}`);
  return [...foundation, ...named];
}
