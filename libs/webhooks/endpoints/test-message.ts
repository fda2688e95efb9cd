import type { Lane } from '#deliveries';

const TITLE = 'Test message from Deskwire';
const BODY = 'If you can read this and its signature verifies, alerts will arrive here.';

/** Returns the body of a test message in the format of the receiver. */
export function testMessage(format: Lane['format'], id: string, at: Date): string {
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
    case 'teams':
      return JSON.stringify({
        type: 'message',
        attachments: [
          {
            contentType: 'application/vnd.microsoft.card.adaptive',
            contentUrl: null,
            content: {
              $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
              type: 'AdaptiveCard',
              version: '1.4',
              body: [TITLE, BODY].map((text) => ({ type: 'TextBlock', text, wrap: true })),
            },
          },
        ],
      });
    case 'telegram':
      return JSON.stringify({ text: `${TITLE}\n${BODY}` });
    case 'text':
      return `${TITLE}\n\n${BODY}\n`;
  }
}
