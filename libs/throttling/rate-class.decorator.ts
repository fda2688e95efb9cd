import { SetMetadata } from '@nestjs/common';
import type { RateClass as RateClassName } from './rate-class.js';

export const RATE_CLASS = 'throttling:class';

/** Names the limit that counts a controller's or a handler's requests. Without it GET is `read`, all else `write`. */
export const RateClass = (name: RateClassName): MethodDecorator & ClassDecorator => SetMetadata(RATE_CLASS, name);
