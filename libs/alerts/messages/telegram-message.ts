import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { fitEscaped } from '#text';
import type { AlertContent } from '../rules/alert-draft.js';
import { withoutTelegramMentions } from './mentions.js';

// https://core.telegram.org/bots/api#sendmessage: 1 to 4,096 characters after the entities are parsed.
export const TELEGRAM_LIMITS = { text: 4_096, heading: 500, footer: 200, name: 100, value: 500 };

export const telegramSchema = z.strictObject({
  text: z.string().min(1).max(TELEGRAM_LIMITS.text),
  parse_mode: z.literal('HTML'),
  link_preview_options: z.strictObject({ is_disabled: z.literal(true) }),
});

/**
 * The parameters of `sendMessage` without the chat, which is part of the endpoint's URL. Fields and links get at most half of the room
 * beside heading and footer, each whole or not at all; the body gets the rest.
 */
export function telegramMessage(alert: AlertContent): z.output<typeof telegramSchema> {
  const heading = `<b>${plain(`[${alert.severity.toUpperCase()}] ${alert.title}`, TELEGRAM_LIMITS.heading)}</b>`;
  const footer = `<i>${plain(`${alert.rule.name} · ${alert.raisedAt.toISOString()}`, TELEGRAM_LIMITS.footer)}</i>`;
  let room = TELEGRAM_LIMITS.text - heading.length - footer.length - 3 * PARAGRAPH.length;
  const half = Math.floor(room / 2);
  const rest: string[] = [];
  let used = 0;
  for (const part of [...alert.fields.map(fieldLine), ...alert.links.map(linkLine)]) {
    if (used + part.length + 1 > half) continue;
    rest.push(part);
    used += part.length + 1;
  }
  room -= used;
  const parts = [heading, plain(alert.body, room), rest.join('\n'), footer];
  return {
    text: parts.filter((part) => part !== '').join(PARAGRAPH),
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  };
}

const PARAGRAPH = '\n\n';

function fieldLine({ name, value }: AlertContent['fields'][number]): string {
  return `<b>${plain(name, TELEGRAM_LIMITS.name)}:</b> ${plain(value, TELEGRAM_LIMITS.value)}`;
}

function linkLine({ title, url }: AlertContent['links'][number]): string {
  const address = escaped(url).replaceAll('"', '%22');
  return `<a href="${address}">${plain(title, TELEGRAM_LIMITS.name)}</a>`;
}

/** Mentions are defused before the text is cut, because an escape sees one grapheme of a cut text at a time. */
function plain(text: string, max: number): string {
  return fitEscaped(withoutTelegramMentions(text), max, escaped);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

publishSchemas({ TelegramMessage: telegramSchema });
