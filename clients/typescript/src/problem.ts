import type { components } from './generated/openapi.js';

/** Codes of errors that no server answered. */
export type ClientErrorCode =
  /** The desk did not answer. `status` is 0. */
  | 'CLIENT_UNREACHABLE'
  /** Nobody is signed in. `status` is 401. */
  | 'CLIENT_SIGNED_OUT'
  /** The answer is no problem document and no JSON, for example the page of a proxy. */
  | 'CLIENT_ANSWER_UNREADABLE';

/** Every code that `DeskProblem.code` can have. */
export type DeskErrorCode = components['schemas']['ErrorCode'] | ClientErrorCode;

/** A field that the desk refused: what it saw, and what is allowed. */
export interface FieldProblem {
  field: string;
  seen?: string;
  allowed: string;
}

/** A problem document (RFC 9457) as the desk sends it. */
export interface ProblemDocument {
  code: string;
  status: number;
  detail: string;
  correlationId: string;
  title?: string;
  retryAfterMs?: number;
  errors?: readonly FieldProblem[];
  [extra: string]: unknown;
}

/** An error of the desk, with its stable code. `correlationId` finds its lines in the logs of the desk. */
export class DeskProblem extends Error {
  override readonly name = 'DeskProblem';
  readonly code: DeskErrorCode;
  /** HTTP status; 0 if no answer arrived. */
  readonly status: number;
  readonly detail: string;
  readonly correlationId: string;
  /** Time in ms after which a repetition can succeed. */
  readonly retryAfterMs: number | undefined;
  readonly errors: readonly FieldProblem[] | undefined;

  constructor(
    /** The whole document, with members that only some codes have. */
    readonly document: ProblemDocument,
    options?: ErrorOptions,
  ) {
    super(`${document.code}: ${document.detail}`, options);
    this.code = document.code as DeskErrorCode;
    this.status = document.status;
    this.detail = document.detail;
    this.correlationId = document.correlationId;
    this.retryAfterMs = document.retryAfterMs;
    this.errors = document.errors;
  }
}

/** A problem that this client found itself. */
export function clientProblem(code: ClientErrorCode, status: number, detail: string, cause?: unknown): DeskProblem {
  return new DeskProblem({ code, status, detail, correlationId: '' }, cause === undefined ? undefined : { cause });
}

export function isProblemDocument(value: unknown): value is ProblemDocument {
  const { code, status } = (value ?? {}) as Partial<ProblemDocument>;
  return typeof code === 'string' && typeof status === 'number';
}

/** Whether the desk refused the token, so that the same token cannot succeed again. */
export function isUnauthenticated(error: unknown): boolean {
  return error instanceof DeskProblem && error.status === 401;
}
