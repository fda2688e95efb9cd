import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { fitText } from '#text';
import type { AlertContent } from '../rules/alert-draft.js';

/**
 * Microsoft names 28 KB for a message of a workflow and counts more than the card: 21 KB are accepted in practice. At most six
 * actions of a card are shown. https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
 */
export const TEAMS_LIMITS = {
  bytes: 21_000,
  title: 250,
  lines: 60,
  fields: 25,
  name: 100,
  value: 1_000,
  actions: 6,
  action: 60,
};

/** Lengths of the body, tried in this order until the message fits. */
const BODY_LENGTHS = [8_000, 4_000, 2_000, 1_000, 500];

// A text run shows its text as it is. A text block would read Markdown, so that text of a feed could make links.
const run = z.strictObject({
  type: z.literal('TextRun'),
  text: z.string().min(1),
  weight: z.literal('Bolder').optional(),
  size: z.enum(['Large', 'Small']).optional(),
  color: z.enum(['Accent', 'Warning', 'Attention']).optional(),
  isSubtle: z.literal(true).optional(),
});
const line = z.strictObject({
  type: z.literal('RichTextBlock'),
  spacing: z.enum(['None', 'Medium']).optional(),
  inlines: z.array(run).min(1).max(2),
});
export const teamsSchema = z.strictObject({
  type: z.literal('message'),
  attachments: z
    .array(
      z.strictObject({
        contentType: z.literal('application/vnd.microsoft.card.adaptive'),
        contentUrl: z.null(),
        content: z.strictObject({
          $schema: z.literal('http://adaptivecards.io/schemas/adaptive-card.json'),
          type: z.literal('AdaptiveCard'),
          version: z.literal('1.4'),
          body: z.array(line).min(2),
          actions: z
            .array(
              z.strictObject({
                type: z.literal('Action.OpenUrl'),
                title: z.string().min(1).max(TEAMS_LIMITS.action),
                url: z.url({ protocol: /^https?$/ }),
              }),
            )
            .max(TEAMS_LIMITS.actions),
        }),
      }),
    )
    .length(1),
});
type Message = z.output<typeof teamsSchema>;
type Line = z.output<typeof line>;

const COLORS = { info: 'Accent', warning: 'Warning', critical: 'Attention' } as const;

/** A card for a workflow "When a Teams webhook request is received". Shortens the body first, then leaves out fields whole. */
export function teamsMessage(alert: AlertContent): Message {
  let message = cardOf(alert, BODY_LENGTHS[0]!, TEAMS_LIMITS.fields);
  for (const length of BODY_LENGTHS) {
    message = cardOf(alert, length, TEAMS_LIMITS.fields);
    if (fits(message)) return message;
  }
  for (let fields = Math.min(alert.fields.length, TEAMS_LIMITS.fields); fields > 0 && !fits(message);) {
    fields -= 1;
    message = cardOf(alert, BODY_LENGTHS.at(-1)!, fields);
  }
  return message;
}

function fits(message: Message): boolean {
  return Buffer.byteLength(JSON.stringify(message)) <= TEAMS_LIMITS.bytes;
}

function cardOf(alert: AlertContent, bodyLength: number, fields: number): Message {
  const { severity, title, body, links, rule, raisedAt } = alert;
  const heading = fitText(`[${severity.toUpperCase()}] ${title}`, TEAMS_LIMITS.title);
  const lines = fitText(body, bodyLength)
    .split('\n')
    .filter((text) => text.trim() !== '');
  const named = alert.fields.slice(0, fields).filter(({ value }) => value !== '');
  const footer = `${fitText(rule.name, TEAMS_LIMITS.title)} · ${raisedAt.toISOString()}`;
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            lineOf({ type: 'TextRun', text: heading, weight: 'Bolder', size: 'Large', color: COLORS[severity] }),
            ...lines.slice(0, TEAMS_LIMITS.lines).map((text) => lineOf({ type: 'TextRun', text })),
            ...named.map(({ name, value }) => fieldOf(name, value)),
            lineOf({ type: 'TextRun', text: footer, size: 'Small', isSubtle: true }),
          ],
          actions: links.slice(0, TEAMS_LIMITS.actions).map((link) => ({
            type: 'Action.OpenUrl' as const,
            title: fitText(link.title, TEAMS_LIMITS.action),
            url: link.url,
          })),
        },
      },
    ],
  };
}

function lineOf(...inlines: Line['inlines']): Line {
  return { type: 'RichTextBlock', inlines };
}

function fieldOf(name: string, value: string): Line {
  const label = `${fitText(name, TEAMS_LIMITS.name)}: `;
  return {
    ...lineOf(
      { type: 'TextRun', text: label, weight: 'Bolder' },
      { type: 'TextRun', text: fitText(value, TEAMS_LIMITS.value) },
    ),
    spacing: 'None',
  };
}

publishSchemas({ TeamsMessage: teamsSchema });
