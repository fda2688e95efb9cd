import type { Role } from './role.js';

/** A person or a desk's service, without the password's hash. */
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

/** What a new user is made of; the hash, never the password. */
export interface NewUser {
  email: string;
  passwordHash: string;
  displayName: string;
  roles: readonly Role[];
  isDemo: boolean;
}
