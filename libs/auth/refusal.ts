/** Why a token was refused: for the log line and the metric's label, so the list is closed. */
export type RefusalReason =
  | 'missing'
  | 'too_long'
  | 'malformed'
  | 'refresh_token'
  | 'algorithm'
  | 'key_unknown'
  | 'signature'
  | 'expired'
  | 'not_yet_valid'
  | 'issuer'
  | 'audience'
  | 'claims'
  | 'login_unknown'
  | 'login_revoked'
  | 'login_expired'
  | 'user_disabled'
  | 'api_key_unknown'
  | 'api_key_revoked'
  | 'api_key_expired';

/** Carries the reason from where it is found to the authenticator, which logs it and answers the one 401. */
export class Refusal extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
    this.name = 'Refusal';
  }
}
