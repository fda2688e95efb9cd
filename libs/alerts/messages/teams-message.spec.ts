import type { AlertContent } from '../rules/alert-draft.js';
import { alertMessage } from './alert-message.js';
import { TEAMS_LIMITS, type teamsMessage } from './teams-message.js';

const content = (more: Partial<AlertContent> = {}): AlertContent => ({
  ...{ id: '1', severity: 'warning', title: 'Title', body: 'Body', links: [], fields: [] },
  raisedAt: new Date('2026-08-17T03:45:01Z'),
  event: {
    ...{ id: '2', type: 'NewsPublished', broker: null, userId: null, instrumentId: null, correlationId: null },
    ...{ payload: {}, occurredAt: new Date('2026-08-17T03:45:00Z') },
  },
  rule: { id: '3', name: 'News' },
  ...more,
});
const sent = (more: Partial<AlertContent>) => {
  const body = alertMessage('teams', content(more));
  const { content: card } = (JSON.parse(body) as ReturnType<typeof teamsMessage>).attachments[0]!;
  return { body, card, texts: card.body.map(({ inlines }) => inlines.map(({ text }) => text).join('')) };
};

describe('a Microsoft Teams message', () => {
  it('is a card with title, text, fields, rule and links', () => {
    const { card, texts } = sent({
      body: 'One\n\nTwo',
      fields: [{ name: 'ticker', value: 'AAPL' }],
      links: [{ title: 'wire.example', url: 'https://wire.example/x' }],
    });
    expect(texts).toEqual(['[WARNING] Title', 'One', 'Two', 'ticker: AAPL', 'News · 2026-08-17T03:45:01.000Z']);
    expect(card).toMatchObject({
      version: '1.4',
      actions: [{ type: 'Action.OpenUrl', title: 'wire.example', url: 'https://wire.example/x' }],
    });
    expect(card.body[0]!.inlines[0]).toMatchObject({ color: 'Warning', weight: 'Bolder' });
  });

  it('shows Markdown of a feed as text, because it has only text runs', () => {
    const { card, texts } = sent({ title: '[good](https://evil) **bold** <at>all</at>' });
    expect(texts[0]).toBe('[WARNING] [good](https://evil) **bold** <at>all</at>');
    expect(
      card.body.every(
        ({ type, inlines }) => type === 'RichTextBlock' && inlines.every((run) => run.type === 'TextRun'),
      ),
    ).toBe(true);
  });

  it('stays within 21,000 bytes: the text is shortened first, then fields are left out whole', () => {
    const field = { name: 'n', value: '€'.repeat(TEAMS_LIMITS.value) };
    for (const [body, count] of [
      ['€'.repeat(8_000), 3],
      ['b'.repeat(8_000), 25],
      ['€\n'.repeat(4_000), 25],
    ] as const) {
      const { body: message, texts } = sent({ body, fields: Array.from({ length: count }, () => field) });
      expect(Buffer.byteLength(message)).toBeLessThanOrEqual(TEAMS_LIMITS.bytes);
      const fields = texts.filter((text) => text.startsWith('n: '));
      expect(fields.length).toBeGreaterThanOrEqual(3);
      expect(fields.every((text) => text === `n: ${field.value}`)).toBe(true);
    }
  });

  it('has at most 60 lines, 25 fields and 6 links', () => {
    const { card } = sent({
      body: 'x\n'.repeat(100),
      fields: Array.from({ length: 30 }, (_, n) => ({ name: `n${n}`, value: 'v' })),
      links: Array.from({ length: 10 }, (_, n) => ({ title: `t${n}`, url: `https://x.example/${n}` })),
    });
    expect([card.body.length, card.actions.length]).toEqual([1 + 60 + 25 + 1, 6]);
  });
});
