import { z } from 'zod';
import { jsonValue, publishSchemas } from '#schemas';
import { wireText } from '#text';
import { timestamp } from '#time';
import { alertSchema } from '../alerts/alert.dto.js';
import type { AlertFormat } from '../messages/alert-message.js';
import { discordSchema } from '../messages/discord-message.js';
import { genericSchema } from '../messages/generic-message.js';
import { slackSchema } from '../messages/slack-message.js';
import { teamsSchema } from '../messages/teams-message.js';
import { telegramSchema } from '../messages/telegram-message.js';
import { ruleInputSchema, ruleIssueSchema, severity } from '../rules/alert-rule.dto.js';

const trialRule = ruleInputSchema.extend({ name: wireText(200).default('Test') });
export const trialInputSchema = z
  .strictObject({
    rule: trialRule.optional().describe('A rule that is not saved'),
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

const problem = z.string().nullable().describe('Reason why no message can be made of it');
const trialMessage: z.ZodType<{ format: AlertFormat; message: unknown; problem: string | null }> = z
  .discriminatedUnion('format', [
    z.object({ format: z.literal('generic'), message: genericSchema.nullable(), problem }),
    z.object({ format: z.literal('slack'), message: slackSchema.nullable(), problem }),
    z.object({ format: z.literal('discord'), message: discordSchema.nullable(), problem }),
    z.object({ format: z.literal('teams'), message: teamsSchema.nullable(), problem }),
    z.object({ format: z.literal('telegram'), message: telegramSchema.nullable(), problem }),
    z.object({ format: z.literal('text'), message: z.string().nullable(), problem }),
  ])
  .describe('Message as it would be sent');

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
        event: z.object({ id: z.uuid(), type: z.string(), occurredAt: z.iso.datetime(), payload: jsonValue }),
        alert: z.object({
          severity,
          title: z.string(),
          body: z.string(),
          links: alertSchema.shape.links,
          fields: alertSchema.shape.fields,
        }),
        countedOn: z.uuid().nullable().describe('The earlier event whose alert it would have been counted on'),
        deferredUntil: z.iso
          .datetime()
          .nullable()
          .describe('End of the quiet hours in which it would have been raised'),
        unformattable: z.string().nullable(),
        messages: z.array(trialMessage),
      }),
    )
    .describe('Matches, newest first'),
});
export type Trial = z.output<typeof trialSchema>;
export type TrialMatch = Trial['matches'][number];

publishSchemas({
  AlertTrial: trialSchema,
  AlertTrialMatch: trialSchema.shape.matches.element,
  AlertTrialRequest: trialInputSchema,
  TrialMessage: trialMessage,
  TrialAlert: trialSchema.shape.matches.element.shape.alert,
  TrialEvent: trialSchema.shape.matches.element.shape.event,
  TrialRule: trialRule,
});
