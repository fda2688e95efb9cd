import type { z } from 'zod';

/** One message of the socket API: AsyncAPI is made of these, and the server validates with the same schemas. */
export interface SocketEvent {
  /** As it stands on the wire, e.g. `dashboard:delta`. */
  readonly name: string;
  /** Who sends it. */
  readonly direction: 'client' | 'server';
  /** One sentence for people. */
  readonly about: string;
  readonly schema: z.ZodType;
  /** What the acknowledgement carries when all went well; otherwise it carries a problem document. */
  readonly ack?: z.ZodType;
}
