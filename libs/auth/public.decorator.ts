import { type CustomDecorator, SetMetadata } from '@nestjs/common';

/** Read by the guard; a lib below auth may set it by this name. */
export const PUBLIC = 'deskwire:public';

/** Opens a route, or all of a controller's, to callers without a token. Everything else is private. */
export const Public = (): CustomDecorator => SetMetadata(PUBLIC, true);
