export { AuditTrail } from './audit-trail.js';
export { CurrentPrincipal, Public, Roles } from './auth.decorators.js';
export { AuthModule } from './auth.module.js';
export { Authenticator } from './authenticator.js';
export { isOperator, ownedBy, ownRowsOf, type Principal, principalOf } from './principal.js';
export { type Role } from './role.js';
export type { User } from './user.js';
export { UsersService } from './users/users.service.js';
export { FirstAdmin } from './users/first-admin.js';
