import { DomainError, type ErrorDetails, type ErrorKind } from './domain-error.js';

/** Documentation of an error code. */
export interface ErrorEntry {
  /** The HTTP status follows from it. */
  kind: ErrorKind;
  /** Meaning of the code, one sentence without values. */
  meaning: string;
  /** Action for the caller, one sentence. */
  fix: string;
}

/**
 * Makes an error with a code of its catalogue.
 * @param message what happened, with values; the code's meaning when left out
 */
export type MakeError<Code extends string> = (
  code: Code,
  message?: string,
  details?: Partial<ErrorDetails>,
) => DomainError;

const catalogue = new Map<string, ErrorEntry>();

/**
 * Declares the error codes of a lib (`LIB_WHAT`). Codes never change. Every DomainError is created by the returned
 * function, so an undocumented code does not compile. `docs/errors.md` and the OpenAPI document are generated from it.
 * @throws Error if a code is declared twice
 */
export function defineErrors<const Code extends string>(entries: Record<Code, ErrorEntry>): MakeError<Code> {
  for (const [code, entry] of Object.entries<ErrorEntry>(entries)) {
    if (catalogue.has(code)) throw new Error(`The error code ${code} is declared twice.`);
    catalogue.set(code, entry);
  }
  return (code, message = entries[code].meaning, details = {}) =>
    new DomainError(code, message, { kind: entries[code].kind, ...details });
}

/** Every declared code with its entry, by code. */
export function errorCatalogue(): [code: string, entry: ErrorEntry][] {
  return [...catalogue].sort(([a], [b]) => (a < b ? -1 : 1));
}
