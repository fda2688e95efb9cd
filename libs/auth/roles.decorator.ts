import { type CustomDecorator, SetMetadata } from '@nestjs/common';
import type { Role } from './role.js';

export const REQUIRED_ROLE = 'deskwire:role';

/** The least role that may call this; those above it may too. On a method it replaces its controller's. */
export const Roles = (least: Role): CustomDecorator => SetMetadata(REQUIRED_ROLE, least);
