export const IDEMPOTENT = 'idempotency:options';

export interface IdempotentOptions {
  /**
   * Fields of the body or of the answer, at any depth, that are secrets: no part of the fingerprint (the same key with another
   * password is the same request) and never stored (an answer that holds one is not given again).
   */
  secrets?: readonly string[];
}
