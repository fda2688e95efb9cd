import { currentPrincipal, type Principal } from './principal.js';

/** Acts that are recorded, in the past tense, in the order of docs/audit.md. Records of an earlier release may have others. */
const ACTIONS = [
  'signed_in',
  'signed_out',
  'sign_in_refused',
  'refresh_reused',
  'login_ended',
  'api_key_revoked',
  'api_key_made',
  'password_changed',
  'password_reset',
  'user_added',
  'user_changed',
  'rule_made',
  'rule_changed',
  'rule_removed',
  'silence_made',
  'silence_changed',
  'silence_ended',
  'deliveries_retried',
  'deliveries_replayed',
  'feed_made',
  'feed_changed',
  'feed_removed',
  'webhook_made',
  'webhook_changed',
  'webhook_secret_rotated',
  'webhook_paused',
  'webhook_enabled',
  'webhook_removed',
  'mapping_stored',
  'mapping_removed',
  'master_imported',
  'master_rolled_back',
  'secrets_exported',
  'secrets_imported',
  'region_promoted',
] as const;

/** An act of security. Its values are ids, names and counts; a secret is never among them. */
interface SecurityAct {
  /** It labels a metric. */
  action: (typeof ACTIONS)[number];
  subject: { kind: string; id: string | null };
  /** The user whose account or property the subject is; null: the desk. */
  ownerId?: string | null;
  /** Actor, if it is not the caller of the request: before a sign-in the caller is unknown. */
  actor?: { userId: string; credentialId: string };
  before?: Readonly<Record<string, unknown>> | null;
  after?: Readonly<Record<string, unknown>> | null;
}

/** A sign-in that was refused. */
interface RefusedSignIn {
  /** Why: a constant of the code. */
  reason: string;
  /** The user that the sign-in named; null if there is no such user. The text that a client sent is never kept: it may be a password. */
  userId: string | null;
}

/** Where acts of security are recorded. A port: this lib and those above it act, `#audit` keeps. */
export abstract class AuditTrail {
  static readonly actions = ACTIONS;

  /** Records acts in the open transaction, so that an act and its record become true together. */
  abstract record(...acts: SecurityAct[]): Promise<void>;

  /** Counts a refused sign-in in a transaction of its own. Never throws, so a refusal cannot become another error. */
  abstract refuse(refused: RefusedSignIn): Promise<void>;

  /** The caller of the running request; undefined in background work, on the command line and before sign-in. */
  protected get caller(): Principal | undefined {
    return currentPrincipal();
  }
}
