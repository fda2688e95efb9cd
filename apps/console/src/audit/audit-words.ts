import type { components, ItemOf } from '@deskwire/client';

export type AuditRecord = ItemOf<'/v1/audit'>;

type Tone = 'info' | 'warn' | 'bad' | 'plain';

/** Acts by meaning: `warn` changes who may do what or sends data elsewhere, `bad` is a refusal or a theft. */
const TONES: Readonly<Record<components['schemas']['AuditAction'], Tone>> = {
  signed_in: 'plain',
  signed_out: 'plain',
  sign_in_refused: 'bad',
  refresh_reused: 'bad',
  login_ended: 'info',
  api_key_made: 'warn',
  api_key_revoked: 'info',
  password_changed: 'info',
  password_reset: 'warn',
  user_added: 'warn',
  user_changed: 'warn',
  rule_made: 'info',
  rule_changed: 'info',
  rule_removed: 'info',
  silence_made: 'info',
  silence_changed: 'info',
  silence_ended: 'info',
  feed_made: 'info',
  feed_changed: 'info',
  feed_removed: 'info',
  deliveries_retried: 'info',
  deliveries_replayed: 'info',
  webhook_made: 'warn',
  webhook_changed: 'warn',
  webhook_secret_rotated: 'warn',
  webhook_paused: 'info',
  webhook_enabled: 'info',
  webhook_removed: 'info',
  mapping_stored: 'info',
  mapping_removed: 'info',
  master_imported: 'info',
  master_rolled_back: 'warn',
  secrets_exported: 'bad',
  secrets_imported: 'warn',
  region_promoted: 'warn',
};

/** Actions that the desk records, in the order of docs/audit.md. */
export const ACTIONS = Object.keys(TONES);

/** Records of an earlier release may have other actions. */
export function actionTone(action: string): Tone {
  return action in TONES ? TONES[action as keyof typeof TONES] : 'plain';
}

/** `api_key_revoked` as people say it. */
export function actionWords(action: string): string {
  return action.replaceAll('_', ' ').replace('api key', 'API key');
}

interface AuditFilter {
  actor: string;
  subject: string;
  action: string;
  from: string;
  to: string;
}

const UUID = /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i;

/** The query of GET /v1/audit, or the reason why the desk would refuse it. */
export function auditQuery({
  actor,
  subject,
  action,
  from,
  to,
}: AuditFilter): { query: Record<string, string> } | { issue: string } {
  if (subject !== '' && !UUID.test(subject.trim()))
    return { issue: 'Write the whole id of the subject or of its owner.' };
  const query: Record<string, string> = {};
  for (const [name, text] of Object.entries({ actorId: actor, subjectId: subject.trim(), action, from, to }))
    if (text !== '') query[name] = text;
  return { query };
}

/** A value that an act changed. */
export interface Change {
  field: string;
  before: string;
  after: string;
}

/** The fields that differ between the values before and after, or all fields if there is only one side. */
export function changesOf(
  before: Readonly<Record<string, unknown>> | null,
  after: Readonly<Record<string, unknown>> | null,
): Change[] {
  const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  const shown = fields.map((field) => ({ field, before: text(before?.[field]), after: text(after?.[field]) }));
  return shown.filter((change) => change.before !== change.after);
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
