import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { fitEscaped, fitText } from '#text';
import type { AlertContent } from '../rules/alert-draft.js';
import { discordText } from './mentions.js';

// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
export const DISCORD_LIMITS = {
  content: 2_000,
  title: 256,
  description: 4_096,
  fields: 25,
  name: 256,
  value: 1_024,
  footer: 2_048,
  total: 6_000,
};

const text = (max: number) => z.string().min(1).max(max);
const embed = z.strictObject({
  title: text(DISCORD_LIMITS.title),
  description: text(DISCORD_LIMITS.description).optional(),
  url: z.url({ protocol: /^https?$/ }).optional(),
  color: z.int(),
  fields: z
    .array(z.strictObject({ name: text(DISCORD_LIMITS.name), value: text(DISCORD_LIMITS.value), inline: z.boolean() }))
    .max(DISCORD_LIMITS.fields),
  footer: z.strictObject({ text: text(DISCORD_LIMITS.footer) }),
  timestamp: z.iso.datetime(),
});
export const discordSchema = z.strictObject({
  content: text(DISCORD_LIMITS.content),
  embeds: z
    .array(
      embed.refine((one) => sizeOf(one) <= DISCORD_LIMITS.total, {
        error: `at most ${DISCORD_LIMITS.total} characters in all`,
      }),
    )
    .length(1),
  allowed_mentions: z.strictObject({ parse: z.array(z.enum(['roles', 'users', 'everyone'])).max(0) }),
});

const COLORS = { info: 0x3b82f6, warning: 0xf59e0b, critical: 0xdc2626 };

/** Shortens the description to make room for fields, at most to half. A cut text ends in an ellipsis; a field is left out whole. */
export function discordMessage(alert: AlertContent): z.output<typeof discordSchema> {
  const heading = `[${alert.severity.toUpperCase()}] ${alert.title}`;
  const title = fitEscaped(alert.title, DISCORD_LIMITS.title, discordText);
  const footer = fitText(alert.rule.name, 200);
  let room = DISCORD_LIMITS.total - title.length - footer.length;
  const description = fitEscaped(alert.body, Math.min(DISCORD_LIMITS.description, room), discordText);
  room -= description.length;
  const links = alert.links.slice(1).map(({ title: name, url }) => ({ name, value: url, whole: true }));
  const fields: { name: string; value: string; inline: boolean }[] = [];
  for (const field of [...alert.fields, ...links]) {
    const name = fitEscaped(field.name, DISCORD_LIMITS.name, discordText);
    const most = Math.min(DISCORD_LIMITS.value, room - name.length);
    if (fields.length === DISCORD_LIMITS.fields || most < 1) break;
    const value = 'whole' in field ? field.value : fitEscaped(field.value, most, discordText);
    if (value.length > most) continue; // A cut link leads to another page.
    fields.push({ name, value, inline: value.length <= 40 });
    room -= name.length + value.length;
  }
  return {
    content: fitEscaped(heading, DISCORD_LIMITS.content, discordText),
    embeds: [
      {
        ...{
          title,
          color: COLORS[alert.severity],
          fields,
          footer: { text: footer },
          timestamp: alert.raisedAt.toISOString(),
        },
        ...(description !== '' && { description }),
        ...(alert.links[0] && { url: alert.links[0].url }),
      },
    ],
    allowed_mentions: { parse: [] },
  };
}

/** Length as Discord counts it. */
export function sizeOf(one: {
  title: string;
  description?: string | undefined;
  fields: { name: string; value: string }[];
  footer: { text: string };
}): number {
  return (
    one.title.length +
    (one.description?.length ?? 0) +
    one.footer.text.length +
    one.fields.reduce((sum, { name, value }) => sum + name.length + value.length, 0)
  );
}

publishSchemas({ DiscordMessage: discordSchema });
