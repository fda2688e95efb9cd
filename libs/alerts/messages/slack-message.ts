import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { fitEscaped } from '#text';
import type { AlertContent } from '../rules/alert-draft.js';
import { slackText } from './mentions.js';

// https://docs.slack.dev/reference/block-kit/blocks: header 150, section 3,000, 10 fields of 2,000, 50 blocks.
export const SLACK_LIMITS = { header: 150, text: 3_000, fields: 10, field: 2_000, blocks: 50 };

const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.literal(false) });
const plainText = plain(SLACK_LIMITS.text);
const block = z.union([
  z.strictObject({ type: z.literal('header'), text: plain(SLACK_LIMITS.header) }),
  z.strictObject({ type: z.literal('section'), text: plainText }),
  z.strictObject({
    type: z.literal('section'),
    text: z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(SLACK_LIMITS.text) }),
  }),
  z.strictObject({
    type: z.literal('section'),
    fields: z.array(plain(SLACK_LIMITS.field)).min(1).max(SLACK_LIMITS.fields),
  }),
  z.strictObject({ type: z.literal('context'), elements: z.array(plainText).min(1).max(10) }),
]);
export const slackSchema = z.strictObject({
  text: z.string().min(1).max(SLACK_LIMITS.text),
  blocks: z.array(block).min(1).max(SLACK_LIMITS.blocks),
});
type Block = z.output<typeof block>;

/** Uses plain text where Slack allows it, so that text of a feed is never read as markup. */
export function slackMessage(alert: AlertContent): z.output<typeof slackSchema> {
  const said = (text: string, max: number) => ({
    type: 'plain_text' as const,
    text: fitEscaped(text, max, slackText),
    emoji: false as const,
  });
  const heading = `[${alert.severity.toUpperCase()}] ${alert.title}`;
  const fields = alert.fields.map(({ name, value }) => said(`${name}: ${value}`, SLACK_LIMITS.field));
  const blocks: Block[] = [{ type: 'header', text: said(heading, SLACK_LIMITS.header) }];
  if (alert.body !== '') blocks.push({ type: 'section', text: said(alert.body, SLACK_LIMITS.text) });
  for (let at = 0; at < fields.length; at += SLACK_LIMITS.fields)
    blocks.push({ type: 'section', fields: fields.slice(at, at + SLACK_LIMITS.fields) });
  const links = linkText(alert);
  if (links !== '') blocks.push({ type: 'section', text: { type: 'mrkdwn', text: links } });
  const context: Block = {
    type: 'context',
    elements: [said(`${alert.rule.name} · ${alert.raisedAt.toISOString()}`, SLACK_LIMITS.text)],
  };
  return {
    text: fitEscaped(heading, SLACK_LIMITS.text, slackText),
    blocks: [...blocks.slice(0, SLACK_LIMITS.blocks - 1), context],
  };
}

/** Whole links only: a cut link leads to another page. */
function linkText(alert: AlertContent): string {
  let text = '';
  for (const { title, url } of alert.links) {
    const link = `<${url.replaceAll('&', '&amp;').replaceAll('|', '%7C').replaceAll('>', '%3E').replaceAll('<', '%3C')}|${slackText(title).replaceAll('|', '¦')}>`;
    const next = text === '' ? link : `${text}\n${link}`;
    if (next.length <= SLACK_LIMITS.text) text = next;
  }
  return text;
}

publishSchemas({ SlackMessage: slackSchema, SlackText: plainText });
