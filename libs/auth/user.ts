import type { Role } from './role.js';

/** A person or a service, without the password hash. */
export interface User {
  id: string;
  email: string;
  displayName: string;
  roles: Role[];
  isDemo: boolean;
  disabledAt: Date | null;
  createdAt: Date;
  updatedAt: Date;
}

/** The data of a new user, with the hash and never the password. */
export interface NewUser {
  email: string;
  passwordHash: string;
  displayName: string;
  roles: readonly Role[];
  isDemo: boolean;
}
