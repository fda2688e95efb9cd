import type { z } from 'zod';
import { type AlertContent, Unformattable } from '../rules/alert-draft.js';
import { discordMessage, discordSchema } from './discord-message.js';
import { genericMessage, genericSchema } from './generic-message.js';
import { slackMessage, slackSchema } from './slack-message.js';
import { teamsMessage, teamsSchema } from './teams-message.js';
import { telegramMessage, telegramSchema } from './telegram-message.js';
import { textMessage } from './text-message.js';

export type AlertFormat = 'generic' | 'slack' | 'discord' | 'teams' | 'telegram' | 'text';

/** Maximum size of a message, in bytes. Slack and Discord take far less; a generic message carries the payload of the event. */
const MOST_BYTES = 131_072;

/**
 * The body of a message in a format, within its limits and checked against its schema.
 * @throws Unformattable with the reason
 */
export function alertMessage(format: AlertFormat, alert: AlertContent): string {
  const body = bodyOf(format, alert);
  const bytes = Buffer.byteLength(body);
  if (bytes > MOST_BYTES)
    throw new Unformattable(`the message has ${bytes} bytes, and no channel takes more than ${MOST_BYTES}`);
  return body;
}

function bodyOf(format: AlertFormat, alert: AlertContent): string {
  switch (format) {
    case 'generic':
      return checked(genericSchema, genericMessage(alert));
    case 'slack':
      return checked(slackSchema, slackMessage(alert));
    case 'discord':
      return checked(discordSchema, discordMessage(alert));
    case 'teams':
      return checked(teamsSchema, teamsMessage(alert));
    case 'telegram':
      return checked(telegramSchema, telegramMessage(alert));
    case 'text':
      return textMessage(alert);
  }
}

function checked(schema: z.ZodType, message: unknown): string {
  const result = schema.safeParse(message);
  if (result.success) return JSON.stringify(message);
  const [issue] = result.error.issues;
  throw new Unformattable(`${issue!.path.map(String).join('.') || 'the message'}: ${issue!.message}`);
}
