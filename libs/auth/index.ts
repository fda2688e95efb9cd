export { CurrentPrincipal, Public, REQUIRED_ROLE_EXTENSION, Roles } from './auth.decorators.js';
export { AuthModule } from './auth.module.js';
export { authConfig } from './auth.config.js';
export { Authenticator } from './authenticator.js';
export { isOperator, ownedBy, ownRowsOf, type Principal, principalOf } from './principal.js';
export { type Role } from './role.js';
export type { User } from './user.js';
export { FirstAdmin } from './users/first-admin.js';
export { UsersService } from './users/users.service.js';
