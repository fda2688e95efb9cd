import { routeConfig } from '../route-config.js';

/** The handler gets the body of any media type as a stream: nothing is held in memory and no body limit applies. */
export const Upload = (): MethodDecorator => routeConfig({ upload: true });
