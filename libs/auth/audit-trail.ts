import { currentPrincipal, type Principal } from './principal.js';

/** An act of security. Its values are ids, names and counts; a secret is never among them. */
interface SecurityAct {
  /** In the past tense, such as `api_key_revoked`. It labels a metric, so it is a constant of the code. */
  action: string;
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
  /** Records acts in the open transaction, so that an act and its record become true together. */
  abstract record(...acts: SecurityAct[]): Promise<void>;

  /** Counts a refused sign-in in a transaction of its own. Never throws, so a refusal cannot become another error. */
  abstract refuse(refused: RefusedSignIn): Promise<void>;

  /** The caller of the running request; undefined in background work, on the command line and before sign-in. */
  protected get caller(): Principal | undefined {
    return currentPrincipal();
  }
}
