import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { canonicalTicker } from '#forms';
import { pageOf, pageQuery } from '#http';
import { wireList, wireText } from '#text';
import { timestamp } from '#time';
import type { SilenceRow } from './alert-silences.repository.js';

const ruleId = z.uuid({ error: 'the id of an alert rule' });
const instrumentId = z.uuid({ error: 'the id of an instrument' });
/** A ticker as lists and silences take it: in any spelling of `canonicalTicker`. */
export const alertTicker = wireText(32)
  .transform(canonicalTicker)
  .refine((ticker) => ticker !== '', { error: 'a ticker such as BRK-B' })
  .describe('A ticker such as BRK-B');
const until = timestamp.describe('The silence ends at this time, at most 366 days from now');
const reason = wireText(200, 0).describe('Shown beside the silence');

export const silenceInputSchema = z
  .strictObject({
    ruleId: ruleId.optional().describe('Only alerts of this rule'),
    instrumentId: instrumentId.optional().describe('Only alerts whose event is about this instrument'),
    ticker: alertTicker.optional().describe('Only alerts whose event names this ticker'),
    scope: z
      .enum(['mine', 'desk'], { error: 'mine or desk' })
      .optional()
      .describe(
        'Alerts of your rules (default) or of the desk; desk is for operators. With `ruleId`: the owner of the rule',
      ),
    until,
    reason: reason.default(''),
  })
  .refine((given) => [given.ruleId, given.instrumentId, given.ticker].some((value) => value !== undefined), {
    path: ['ruleId'],
    error: 'at least one of ruleId, instrumentId and ticker',
  })
  .refine(({ ruleId: rule, scope }) => rule === undefined || scope === undefined, {
    path: ['scope'],
    error: 'no scope beside ruleId: the silence belongs to the owner of the rule',
  });
export type SilenceInput = z.output<typeof silenceInputSchema>;

export const silencePatchSchema = z
  .strictObject({ until: until.optional(), reason: reason.optional() })
  .refine((change) => Object.keys(change).length > 0, { error: 'at least one field' });
export type SilencePatch = z.output<typeof silencePatchSchema>;

export const silenceIdSchema = z.uuid({ error: 'the id of a silence' });
export const silencesQuerySchema = z.strictObject({
  ruleId: wireList(ruleId).optional(),
  instrumentId: wireList(instrumentId).optional(),
  ticker: wireList(alertTicker).optional(),
  state: z
    .enum(['active', 'ended'], { error: 'active or ended' })
    .optional()
    .describe('Ended silences are kept for a week'),
  userId: z.uuid({ error: 'the id of a user' }).optional().describe('Owner; only operators may name another user'),
  scope: z.enum(['mine', 'desk'], { error: 'mine or desk' }).optional(),
  ...pageQuery(z.uuid()),
});
export type SilencesQuery = z.output<typeof silencesQuerySchema>;

export const silenceSchema = z.object({
  id: z.uuid(),
  userId: z.uuid().nullable().describe('Owner of the silenced rules. Null: the desk'),
  ruleId: z.uuid().nullable(),
  instrumentId: z.uuid().nullable(),
  ticker: z.string().nullable(),
  reason: z.string(),
  until: z.iso.datetime(),
  active: z.boolean(),
  createdBy: z.uuid(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});
export type SilenceView = z.output<typeof silenceSchema>;
export const silencesPageSchema = pageOf(silenceSchema);
export type SilencesPage = z.output<typeof silencesPageSchema>;

export function toSilenceView({ until: end, createdAt, updatedAt, ...rest }: SilenceRow, now: Date): SilenceView {
  return {
    ...rest,
    until: end.toISOString(),
    active: end > now,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  };
}

publishSchemas({
  AlertSilence: silenceSchema,
  AlertSilenceChange: silencePatchSchema,
  AlertSilencePage: silencesPageSchema,
  NewAlertSilence: silenceInputSchema,
});
