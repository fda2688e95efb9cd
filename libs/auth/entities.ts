export { ApiKeyEntity } from './api-keys/api-key.entity.js';
export { AuthSessionEntity } from './logins/auth-session.entity.js';
export { RefreshTokenEntity } from './logins/refresh-token.entity.js';
export { UserEntity } from './user.entity.js';
