export { ApiKeyEntity } from './api-keys/api-key.entity.js';
export { LoginEntity } from './logins/login.entity.js';
export { RefreshTokenEntity } from './logins/refresh-token.entity.js';
export { UserEntity } from './user.entity.js';
