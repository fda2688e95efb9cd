/** Why a token was refused. A closed list, because it is a metric label. */
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

/** Carries the reason to the authenticator, which logs it and answers 401. */
export class Refusal extends Error {
  constructor(readonly reason: RefusalReason) {
    super(reason);
    this.name = 'Refusal';
  }
}
