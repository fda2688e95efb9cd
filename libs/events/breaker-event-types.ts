import { z } from 'zod';
import { defineEvent } from './event-type.js';

const payload = z.strictObject({
  /** Of the dependency: a host, a broker, a model. */
  name: z.string(),
  from: z.string(),
  reason: z.string(),
});

/** A dependency failed too often and is left alone for a while. */
export const BreakerOpened = defineEvent('BreakerOpened', 1, payload, { operator: true, severity: 'warning' });
/** One call is let through to see whether it answers again. */
export const BreakerHalfOpen = defineEvent('BreakerHalfOpen', 1, payload, { operator: true, severity: 'info' });
/** It answers again. */
export const BreakerClosed = defineEvent('BreakerClosed', 1, payload, { operator: true, severity: 'info' });
