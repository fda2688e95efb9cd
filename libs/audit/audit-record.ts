export const ACTOR_KINDS = ['login', 'api_key', 'anonymous', 'command_line', 'system'] as const;

/** login and api_key: a user. anonymous: no signed-in user. command_line: `deskwire`. system: the desk itself. */
export type ActorKind = (typeof ACTOR_KINDS)[number];

/** A row to write. */
export interface NewAuditRecord {
  action: string;
  actorId: string | null;
  actorVia: ActorKind;
  /** Id of the login or API key. */
  credentialId: string | null;
  subjectKind: string;
  subjectId: string | null;
  ownerId: string | null;
  address: string | null;
  correlationId: string;
  before: Readonly<Record<string, unknown>> | null;
  after: Readonly<Record<string, unknown>> | null;
}

/** A row of audit_records. */
export interface AuditRecord extends NewAuditRecord {
  id: string;
  /** Number of equal refusals in this record. 1 for every other action. */
  count: number;
  occurredAt: Date;
}

export interface AuditFilter {
  actor: string | undefined;
  /** Id of a subject, or of the user who owns it. */
  subject: string | undefined;
  correlationId: string | undefined;
  actions: readonly string[] | undefined;
  /** First id of the range, and the first one after it. */
  fromId: string | undefined;
  toId: string | undefined;
  /** Last id of the page before. */
  after: string | undefined;
  oldestFirst: boolean;
  limit: number;
}
