/** What login and refresh answer. */
export interface TokenPair {
  accessToken: string;
  refreshToken: string;
  /** Life of the access token, seconds. */
  expiresIn: number;
  tokenType: 'Bearer';
}
