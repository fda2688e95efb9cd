/** A page of the navigation, and the operation that it cannot do without. */
interface PageOfNavigation {
  path: string;
  title: string;
  reads: string;
}

export const PAGES: readonly PageOfNavigation[] = [
  { path: '/', title: 'Desk', reads: 'GET /v1/dashboard' },
  { path: '/alerts', title: 'Alerts', reads: 'GET /v1/alerts' },
  { path: '/rules', title: 'Rules', reads: 'GET /v1/alert-rules' },
  { path: '/deliveries', title: 'Deliveries', reads: 'GET /v1/deliveries' },
  { path: '/webhooks', title: 'Webhooks', reads: 'GET /v1/webhooks' },
  { path: '/portfolios', title: 'Portfolios', reads: 'GET /v1/portfolios' },
  { path: '/instruments', title: 'Instruments', reads: 'GET /v1/instruments' },
  { path: '/feeds', title: 'Feeds', reads: 'GET /v1/feeds' },
  { path: '/filings', title: 'Filings', reads: 'GET /v1/filings' },
  { path: '/events', title: 'Events', reads: 'GET /v1/events' },
  { path: '/system', title: 'System', reads: 'GET /v1/system/tasks' },
  { path: '/audit', title: 'Audit', reads: 'GET /v1/audit' },
  { path: '/users', title: 'Users', reads: 'GET /v1/users' },
  { path: '/account', title: 'Account', reads: 'GET /v1/auth/me' },
];

/** What a person opens, and what is then offered: the name of each act, and the operation that it calls. */
export interface Place {
  /** `{portfolio}`, `{rule}` and `{webhook}` are those of the person. */
  path: string;
  /** The place is only for those who may call this. */
  reads?: string;
  /** The page is there when this is. */
  shows?: string;
  /** Buttons that are pressed, or the first row. */
  open?: readonly string[];
  /** What was opened is there when this is. */
  then?: string;
  /** Ending in a star: the begin of the name. */
  acts: Readonly<Record<string, string>>;
  /** Buttons that call no operation of another role: they show, filter or close. */
  neutral?: readonly string[];
}

/** Buttons of every page that change only what is shown. */
export const NEUTRAL = [
  'CSV',
  'Close',
  'Cancel',
  'Clear',
  'Clear the filters',
  'Clear the filter',
  'Clear filters',
  'Next',
  'Previous',
];

const SEVERITIES = ['info', 'warning', 'critical'];

export const PLACES: readonly Place[] = [
  { path: '/', shows: '.desk-panel .table-row', acts: {}, neutral: ['Arrange'] },
  {
    path: '/alerts',
    shows: '.silences',
    acts: { Acknowledge: 'POST /v1/alerts/acknowledge', End: 'DELETE /v1/alert-silences/{id}' },
    neutral: SEVERITIES,
  },
  {
    path: '/alerts',
    open: ['row'],
    then: 'dialog[open] .facts',
    acts: { Acknowledge: 'POST /v1/alerts/acknowledge', Silence: 'POST /v1/alert-silences' },
    neutral: [...SEVERITIES, 'End'],
  },
  { path: '/alerts?ticker=NONE', acts: {}, neutral: [...SEVERITIES, 'Acknowledge', 'End'] },
  {
    path: '/rules',
    acts: {
      'New rule': 'POST /v1/alert-rules',
      'Clone *': 'POST /v1/alert-rules',
      'Disable *': 'PATCH /v1/alert-rules/{id}',
      'Delete *': 'DELETE /v1/alert-rules/{id}',
    },
  },
  {
    path: '/rules?rule={rule}',
    shows: '.rule-editor',
    acts: {
      Save: 'PATCH /v1/alert-rules/{id}',
      Clone: 'POST /v1/alert-rules',
      Run: 'POST /v1/alert-rules/test',
    },
    neutral: ['Rules', 'Group', 'Remove the condition', 'Add a test', 'Add a group'],
  },
  {
    path: '/deliveries',
    acts: { 'Send again': 'POST /v1/deliveries/retry' },
    neutral: ['pending', 'sending', 'delivered', 'failed', 'dead', 'cancelled', 'held'],
  },
  {
    path: '/webhooks',
    acts: { 'Add webhook': 'POST /v1/webhooks' },
    neutral: ['healthy', 'degraded', 'disabled'],
  },
  {
    path: '/webhooks?webhook={webhook}',
    shows: '[role=tab]',
    acts: {
      'Send a test': 'POST /v1/webhooks/{id}/test',
      Pause: 'POST /v1/webhooks/{id}/pause',
      Replay: 'POST /v1/webhooks/{id}/replay',
      'Rotate secret': 'POST /v1/webhooks/{id}/rotate-secret',
      Edit: 'PATCH /v1/webhooks/{id}',
      Remove: 'DELETE /v1/webhooks/{id}',
    },
    neutral: ['Webhooks'],
  },
  {
    path: '/portfolios',
    acts: { 'Import from a broker': 'POST /v1/portfolios/{id}/snapshot' },
  },
  { path: '/portfolios?tab=positions', acts: { 'Import from a broker': 'POST /v1/portfolios/{id}/snapshot' } },
  {
    path: '/portfolios?portfolio={portfolio}',
    shows: '.headline',
    then: '.positions .table-row',
    acts: {
      Import: 'POST /v1/portfolios/{id}/snapshot',
      'Compare with the broker': 'GET /v1/portfolios/{id}/reconciliation',
      Close: 'PUT /v1/portfolios/{id}/closed',
      Delete: 'DELETE /v1/portfolios/{id}',
    },
    neutral: ['All portfolios'],
  },
  { path: '/instruments?q=ACME', acts: { 'Follow *': 'PUT /v1/watchlist/{instrumentId}' } },
  { path: '/instruments?tab=watchlist', acts: {} },
  {
    path: '/instruments?tab=imports',
    reads: 'GET /v1/instruments/imports',
    acts: { 'Import a master': 'POST /v1/instruments/imports' },
    neutral: ['import', 'rollback'],
  },
  {
    path: '/instruments?tab=imports',
    reads: 'GET /v1/instruments/imports',
    open: ['row'],
    then: 'dialog[open] [aria-label=Changes]',
    acts: { 'Roll back to this import': 'POST /v1/instruments/imports/{id}/rollback' },
    neutral: ['Import a master', 'import', 'rollback'],
  },
  {
    path: '/instruments?tab=mappings',
    reads: 'GET /v1/instruments/mappings',
    open: ['row'],
    acts: {
      Store: 'PUT /v1/instruments/mappings/{broker}/{name}',
      Remove: 'DELETE /v1/instruments/mappings/{broker}/{name}',
    },
    neutral: ['Add a mapping'],
  },
  { path: '/feeds', acts: { 'Add a feed': 'POST /v1/feeds' } },
  {
    path: '/feeds',
    open: ['row'],
    then: 'dialog[open] .facts',
    acts: { Edit: 'PATCH /v1/feeds/{id}', Resume: 'PATCH /v1/feeds/{id}', Remove: 'DELETE /v1/feeds/{id}' },
    neutral: ['Add a feed'],
  },
  // An empty list leads to its next step.
  { path: '/filings', acts: { 'Add a feed of EDGAR*': 'POST /v1/feeds' } },
  { path: '/events', acts: {} },
  { path: '/events', open: ['row'], acts: {}, neutral: ['Trace its correlation id'] },
  { path: '/system', reads: 'GET /v1/system/tasks', shows: '.part', acts: {} },
  { path: '/audit', reads: 'GET /v1/audit', acts: {} },
  { path: '/audit', reads: 'GET /v1/audit', open: ['row'], acts: {}, neutral: ['All of this *'] },
  { path: '/users', reads: 'GET /v1/users', acts: { 'Add a user': 'POST /v1/users' } },
  {
    path: '/users?user={userId}',
    reads: 'GET /v1/users',
    shows: 'dialog[open] .sheet table',
    acts: {
      Disable: 'PATCH /v1/users/{id}',
      'Reset the password': 'POST /v1/users/{id}/reset',
      'End the sign-in*': 'DELETE /v1/users/{id}/logins/{loginId}',
      'Sign out everywhere': 'DELETE /v1/users/{id}/logins',
      'Revoke the key *': 'DELETE /v1/users/{id}/api-keys/{keyId}',
      'Revoke all': 'DELETE /v1/users/{id}/api-keys',
    },
    neutral: ['Add a user'],
  },
  {
    path: '/account',
    shows: '.account-list li .badge',
    then: '.account-list [aria-label^="Revoke"]',
    acts: {
      'Change the password': 'POST /v1/auth/password',
      'Add a key': 'POST /v1/auth/api-keys',
      'Revoke *': 'DELETE /v1/auth/api-keys/{id}',
      'End the login of *': 'DELETE /v1/auth/logins/{loginId}',
      'Sign out everywhere else': 'DELETE /v1/auth/logins',
    },
    neutral: ['Play the sound once'],
  },
];

/** Operations that change something and are no act of the walked places, and why. */
export const OUTSIDE: Readonly<Record<string, string>> = {
  'POST /v1/auth/login': 'the sign-in',
  'POST /v1/auth/refresh': 'the client calls it by itself',
  'POST /v1/auth/logout': 'Sign out, on every page',
  'POST /v1/alerts/{id}/acknowledge': 'the console acknowledges by the operation for many',
  'POST /v1/deliveries/{id}/retry': 'the console retries by the operation for many',
  'PATCH /v1/alert-silences/{id}': 'a silence is ended, and begun again',
  'POST /v1/feeds/{id}/run': 'offered for a feed that is polled: console-book.spec.ts',
  'POST /v1/webhooks/{id}/enable': 'offered for a webhook that is paused: console-workflow.spec.ts',
  'POST /v1/watchlist': 'offered for selected rows: book.spec.ts',
  'DELETE /v1/watchlist/{instrumentId}': 'offered for a contract that is followed: book.spec.ts',
  'PUT /v1/portfolios/{id}/snapshot': 'for programs that send positions',
  'POST /v1/portfolios/snapshots': 'for programs that send positions',
  'POST /v1/quotes': 'for programs that send prices',
  'POST /v1/rates': 'for programs that send prices',
  'POST /v1/adjustments': 'for programs that know of splits',
  'PUT /v1/venues/{name}/days': 'for programs that know the days of a venue',
  'PUT /v1/sessions': 'for programs that sign in at a broker',
  'DELETE /v1/sessions/{id}': 'for programs that sign in at a broker',
};
