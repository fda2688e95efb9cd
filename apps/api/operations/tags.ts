import type { OpenAPIObject } from '@nestjs/swagger';
import { operationsOf } from './operation.js';

/** What each group of operations is about. */
const TAGS: Record<string, string> = {
  alerts: 'Alerts, the rules that raise them, and trials of rules on past events',
  audit: 'Who did what',
  auth: 'Sign-in, tokens, passwords and API keys of the caller',
  catalogue: 'Names that rules and filters can use',
  dashboard: 'All panels as one consistent cut',
  deliveries: 'Messages to webhooks, with every attempt',
  events: 'The recorded events of the desk',
  feeds: 'Sources of news, filings and prices that the desk polls',
  filings: 'Filings of the SEC with their summaries',
  health: 'Probes and metrics',
  instruments: 'Contracts, the imports of instrument masters, and their mappings',
  portfolios: 'Portfolios with their positions, value and history',
  quotes: 'Latest prices',
  rates: 'Rates of currencies, and splits of contracts',
  regions: 'Regions of the desk',
  replication: 'Replication to the secondary region',
  sessions: 'Sessions with brokers',
  system: 'State of the process that answers',
  users: 'Users with their logins and API keys, for admins',
  venues: 'Venues with their hours and calendars',
  watchlist: 'Contracts that the caller follows',
  webhooks: 'Endpoints that receive alerts',
};

/** Lists the tags that operations have, with their descriptions. */
export function addTags(document: OpenAPIObject): void {
  const used = new Set(operationsOf(document).flatMap(({ operation }) => operation.tags ?? []));
  document.tags = [...used].sort().map((name) => ({ name, ...(TAGS[name] && { description: TAGS[name] }) }));
}
