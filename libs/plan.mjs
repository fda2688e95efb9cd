// Who may import whom. A row is a lib; `foundation` rows may use every row above them, `domain` rows may use all
// of the foundation and the domain libs they name, each of them a row above. Read by .dependency-cruiser.mjs,
// scripts/graph.mjs and test/integration/plan.spec.ts.

/** Libs that know no domain, in order: each may use those above it. */
export const foundation = [
  'schemas',
  'config',
  'errors',
  'metrics',
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
  'maintenance',
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
  forms: [],
  events: [],
  deliveries: [],
  venues: ['events'],
  sessions: ['events'],
  instruments: ['events'],
  portfolios: ['events', 'venues', 'sessions', 'instruments'],
  alerts: ['forms', 'events', 'deliveries'],
  webhooks: ['events', 'deliveries'],
  filings: ['forms', 'events'],
  feeds: ['events', 'venues', 'filings', 'instruments', 'portfolios'],
  audit: ['events'],
  regions: [],
  dashboard: [],
  catalogue: ['events', 'instruments', 'alerts', 'dashboard'],
  replication: [],
};

/** Rooms (subfolders) of the large libs, in order: each may use those before it. A lib's own root is open to all its rooms. */
export const rooms = {
  database: ['pools', 'transactions', 'migrations'],
  maintenance: ['backups'],
  http: ['bodies', 'methods', 'connections', 'lists'],
  throttling: ['counting', 'cluster'],
  auth: ['tokens', 'credentials', 'statuses', 'logins', 'api-keys', 'users'],
  events: ['inbox'],
  deliveries: ['lanes', 'ledger', 'sending'],
  instruments: ['masters', 'catalogue', 'facets', 'mappings', 'imports'],
  portfolios: ['valuation', 'rates', 'quotes', 'snapshots', 'exports', 'imports', 'brokers', 'history', 'book'],
  alerts: ['conditions', 'rules', 'silences', 'matching', 'messages', 'alerts', 'trials'],
  webhooks: ['endpoints', 'health'],
  filings: ['edgar', 'register', 'tickers', 'summaries'],
  venues: ['calendars'],
  feeds: ['prices', 'sources', 'formats', 'cycles', 'replay'],
  dashboard: ['cuts'],
  realtime: ['budgets', 'flow'],
  replication: ['clusters', 'publication', 'standing', 'withheld', 'promotion', 'regions'],
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
