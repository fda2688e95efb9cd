import { cleanLine, fitText } from '#text';
import type { AlertContent } from '../rules/alert-draft.js';

export const TEXT_LIMITS = { subject: 200, message: 16_000 };

/** Like an email: headers, an empty line, then the text. */
export function textMessage(alert: AlertContent): string {
  const subject = fitText(cleanLine(`[${alert.severity.toUpperCase()}] ${alert.title}`), TEXT_LIMITS.subject);
  const headers = [
    `Subject: ${subject}`,
    `Date: ${alert.raisedAt.toUTCString()}`,
    `X-Alert-Id: ${alert.id}`,
    `X-Alert-Rule: ${cleanLine(alert.rule.name)}`,
  ];
  const parts = [
    headers.join('\n'),
    alert.body,
    alert.fields.map(({ name, value }) => `${name}: ${cleanLine(value)}`).join('\n'),
    alert.links.map(({ url }) => url).join('\n'),
  ];
  return fitText(parts.filter((part) => part !== '').join('\n\n'), TEXT_LIMITS.message);
}
