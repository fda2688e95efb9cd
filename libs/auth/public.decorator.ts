import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Metadata key that the guard reads; a lib below auth sets it by this name. */
export const PUBLIC = 'deskwire:public';

/** Opens a route, or all of a controller's, to callers without a token. Everything else is private. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);
