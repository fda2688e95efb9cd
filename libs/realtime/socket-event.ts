import type { z } from 'zod';

/**
 * One message of the socket API. The AsyncAPI document is generated from these, and the server validates with the same
 * schemas.
 */
export interface SocketEvent {
  /** Name on the wire, e.g. `dashboard:delta`. */
  readonly name: string;
  /** Sender of the message. */
  readonly direction: 'client' | 'server';
  /** One sentence for the AsyncAPI document. */
  readonly about: string;
  readonly schema: z.ZodType;
  /** Content of the acknowledgement on success. On failure it is a problem document. */
  readonly ack?: z.ZodType;
}
