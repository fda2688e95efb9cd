import type { MessageFormat } from '#deliveries';

const TITLE = 'Test message from Deskwire';
const BODY = 'If you can read this and its signature verifies, alerts will arrive here.';

/** Returns the body of a test message in the format of the receiver. */
export function testMessage(format: MessageFormat, id: string, at: Date): string {
  switch (format) {
    case 'generic':
      return JSON.stringify({
        id,
        type: 'test',
        severity: 'info',
        title: TITLE,
        body: BODY,
        links: [],
        fields: {},
        timestamp: at.toISOString(),
      });
    case 'slack':
      return JSON.stringify({ text: `*${TITLE}*\n${BODY}` });
    case 'discord':
      return JSON.stringify({ content: `**${TITLE}**\n${BODY}`, allowed_mentions: { parse: [] } });
    case 'text':
      return `${TITLE}\n\n${BODY}\n`;
  }
}
