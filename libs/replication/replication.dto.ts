import { z } from 'zod';
import { publishSchemas } from '#schemas';
import type { ReplicationView } from './standing/replication-reading.js';
import { CONFLICTS } from './standing/subscriptions.repository.js';

const count = z.number().min(0);
const at = z.iso.datetime().nullable();

/** `GET /v1/replication`. */
export const replicationSchema = z.object({
  slots: z
    .array(
      z.object({
        slot: z.string(),
        active: z.boolean().describe('A subscriber is connected'),
        inactiveSince: at,
        lagBytes: count
          .nullable()
          .describe('Write-ahead log not confirmed by the subscriber. Null if the slot is lost'),
        lagSeconds: count.describe('Age of the oldest heartbeat that the subscriber has not confirmed'),
        retainedBytes: count.nullable().describe('Write-ahead log that the slot keeps'),
      }),
    )
    .describe('Logical replication slots of the database. Empty if it is not replicated'),
  secondary: z
    .object({
      reachable: z.boolean(),
      subscription: z
        .object({
          enabled: z.boolean(),
          applying: z.boolean().describe('The apply worker runs. It restarts while a change cannot be applied'),
          tablesPending: z.int().min(0).describe('Tables whose first copy has not ended'),
          applyErrors: count,
          copyErrors: count,
          conflicts: z.object(
            Object.fromEntries(CONFLICTS.map((kind) => [kind, count])) as Record<
              (typeof CONFLICTS)[number],
              typeof count
            >,
          ),
          appliedUpTo: z.string().nullable().describe('Position (LSN) in the write-ahead log of the primary'),
          lastBeatAt: at.describe('Time of the newest heartbeat that has arrived'),
        })
        .nullable(),
    })
    .nullable()
    .describe('Null without REPLICATION_SECONDARY_URL'),
});
export type ReplicationAnswer = z.output<typeof replicationSchema>;

export function replicationAnswer({ slots, secondary }: ReplicationView): ReplicationAnswer {
  const subscription = secondary?.subscription;
  return {
    slots: slots.map((slot) => ({ ...slot, inactiveSince: slot.inactiveSince?.toISOString() ?? null })),
    secondary: secondary && {
      reachable: secondary.reachable,
      subscription: subscription
        ? { ...subscription, lastBeatAt: subscription.lastBeatAt?.toISOString() ?? null }
        : null,
    },
  };
}

publishSchemas({ Replication: replicationSchema, ReplicationSlot: replicationSchema.shape.slots.element });
