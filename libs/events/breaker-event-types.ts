import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { defineEvent } from './event-type.js';

const payload = z.strictObject({
  /** Name of the dependency: a host, a broker, a model. */
  name: z.string(),
  from: z.string(),
  reason: z.string(),
});
publishSchemas({ BreakerPayload: payload });

/** A dependency failed too often and is not called for a while. */
export const BreakerOpened = defineEvent('BreakerOpened', 1, payload, { operator: true, severity: 'warning' });
/** One call probes whether the dependency answers again. */
export const BreakerHalfOpen = defineEvent('BreakerHalfOpen', 1, payload, { operator: true, severity: 'info' });
/** The dependency answers again. */
export const BreakerClosed = defineEvent('BreakerClosed', 1, payload, { operator: true, severity: 'info' });
