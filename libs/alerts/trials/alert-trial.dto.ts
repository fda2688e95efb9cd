import { z } from 'zod';
import { wireText } from '#text';
import { timestamp } from '#time';
import { ruleInputSchema, ruleIssueSchema, severity } from '../rules/alert-rule.dto.js';

export const trialInputSchema = z
  .strictObject({
    rule: ruleInputSchema
      .extend({ name: wireText(200).default('Test') })
      .optional()
      .describe('A rule that is not saved'),
    ruleId: z.uuid({ error: 'the id of an alert rule' }).optional(),
    from: timestamp.optional().describe('Events of this time or later'),
    to: timestamp.optional().describe('Events before this time'),
    events: z
      .int({ error: 'a whole number from 1 on' })
      .min(1, { error: 'a whole number from 1 on' })
      .default(2_000)
      .describe('Maximum number of events to read, newest first. At most 10,000'),
  })
  .refine(({ rule, ruleId }) => (rule === undefined) !== (ruleId === undefined), {
    path: ['rule'],
    error: 'either rule or ruleId',
  });
export type TrialInput = z.output<typeof trialInputSchema>;

export const trialSchema = z.object({
  scanned: z.int().describe('Number of events that were read and that the rule may see'),
  matched: z.int(),
  exceeded: z.int().describe('Events on which the rule exceeded its time limit. They do not match'),
  complete: z.boolean().describe('Whether all events of the range were read'),
  oldest: z.iso.datetime().nullable().describe('Time of the oldest event that was read'),
  issues: z.array(ruleIssueSchema).describe('Named fields that some or all of its event types lack'),
  matches: z
    .array(
      z.object({
        event: z.object({ id: z.uuid(), type: z.string(), occurredAt: z.iso.datetime(), payload: z.unknown() }),
        alert: z.object({
          severity,
          title: z.string(),
          body: z.string(),
          links: z.array(z.object({ title: z.string(), url: z.string() })),
          fields: z.array(z.object({ name: z.string(), value: z.string() })),
        }),
        countedOn: z.uuid().nullable().describe('The earlier event whose alert it would have been counted on'),
        deferredUntil: z.iso
          .datetime()
          .nullable()
          .describe('End of the quiet hours in which it would have been raised'),
        unformattable: z.string().nullable(),
        messages: z.array(
          z.object({
            format: z.string(),
            message: z.unknown().describe('Message as it would be sent'),
            problem: z.string().nullable(),
          }),
        ),
      }),
    )
    .describe('Matches, newest first'),
});
export type Trial = z.output<typeof trialSchema>;
export type TrialMatch = Trial['matches'][number];
