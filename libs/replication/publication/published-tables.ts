/** Names of the replication objects in PostgreSQL. There is one of each. */
export const PUBLICATION = 'deskwire_pub';
export const SUBSCRIPTION = 'deskwire_sub';
export const SLOT = 'deskwire_sub';

/**
 * Published tables, each with the columns that stay in the primary region. The columns of the publication are listed even
 * where none is withheld, so a column that a migration adds is published only after `deskwire replication setup` ran again.
 */
export const PUBLISHED: Readonly<Record<string, readonly string[]>> = {
  alert_dedupe_windows: [],
  alert_delivery_queue: [],
  alert_rule_overruns: [],
  alert_rules: [],
  alert_silences: [],
  alerts: [],
  api_keys: ['key_hash'],
  audit_records: [],
  delivery_attempts: [],
  delivery_lane_windows: [],
  // A transaction id of the primary means nothing on the secondary.
  delivery_lanes: ['claim_xid'],
  event_inbox: [],
  feed_cycles: [],
  feed_seen_items: [],
  // Keys of providers are settings. A source names them (`secret:NAME`), and a credential in clear is refused.
  feed_sources: [],
  filer_ticker_sources: [],
  filer_tickers: [],
  filing_budget_months: [],
  filing_summaries: [],
  filing_summary_calls: [],
  filings: [],
  instrument_import_changes: [],
  instrument_import_issues: [],
  instrument_imports: [],
  instrument_mappings: [],
  instrument_names: [],
  instrument_registry: [],
  instrument_series: [],
  instruments: [],
  portfolio_history: [],
  portfolio_snapshots: [],
  position_adjustments: [],
  quote_marks: [],
  quotes: [],
  rates: [],
  replication_beats: [],
  trading_events: [],
  trading_sessions: ['access_token_sealed', 'token_fingerprint'],
  users: ['password_hash'],
  valuation_moments: [],
  venue_days: [],
  webhook_endpoints: ['sealed_headers', 'sealed_path'],
  webhook_health_metrics: [],
};

/** Tables that are not published, each with the reason. */
export const WITHHELD: Readonly<Record<string, string>> = {
  alert_rule_changes: 'Holds transaction ids of its cluster. A promotion writes it again.',
  change_feed: 'Holds transaction ids of its cluster. A promotion starts a new epoch.',
  delivery_workers: 'Leases of the processes of the primary region.',
  egress_host_turns: 'Unlogged, and worth nothing in another region.',
  idempotency_keys: 'Fingerprints of request bodies that may contain passwords.',
  logins: 'Users sign in again after a promotion.',
  migrations: 'Each cluster is migrated by itself.',
  refresh_tokens: 'Hashes of tokens. Users sign in again after a promotion.',
  webhook_secrets: 'Signing secrets. The sealed export has them.',
};
