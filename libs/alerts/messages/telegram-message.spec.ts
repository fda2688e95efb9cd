import type { AlertContent } from '../rules/alert-draft.js';
import { alertMessage } from './alert-message.js';
import { TELEGRAM_LIMITS } from './telegram-message.js';

const content = (more: Partial<AlertContent> = {}): AlertContent => ({
  ...{ id: '1', severity: 'critical', title: 'Title', body: 'Body', links: [], fields: [] },
  raisedAt: new Date('2026-08-17T03:45:01Z'),
  event: {
    ...{ id: '2', type: 'NewsPublished', broker: null, userId: null, instrumentId: null, correlationId: null },
    ...{ payload: {}, occurredAt: new Date('2026-08-17T03:45:00Z') },
  },
  rule: { id: '3', name: 'News' },
  ...more,
});
const textOf = (more: Partial<AlertContent>) =>
  (JSON.parse(alertMessage('telegram', content(more))) as { text: string }).text;

describe('a Telegram message', () => {
  it('has title, text, fields, links and rule, without a preview of links', () => {
    const alert = content({
      fields: [{ name: 'ticker', value: 'AAPL' }],
      links: [{ title: 'wire', url: 'https://wire.example/?a=1&b="2"' }],
    });
    expect(JSON.parse(alertMessage('telegram', alert))).toEqual({
      text: '<b>[CRITICAL] Title</b>\n\nBody\n\n<b>ticker:</b> AAPL\n<a href="https://wire.example/?a=1&amp;b=%222%22">wire</a>\n\n<i>News · 2026-08-17T03:45:01.000Z</i>',
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  });

  it('notifies nobody, also if it is cut, and shows markup of a feed as text', () => {
    const text = textOf({
      title: '@everyone <b>x</b> &lt;',
      body: '@trader '.repeat(1_000),
      fields: [{ name: 'mail', value: 'a@b.example' }],
    });
    expect(text).not.toMatch(/(?<!\w)@\w/);
    expect(text).toContain('a@b.example');
    expect(text).toContain('&lt;b&gt;x&lt;/b&gt; &amp;lt;');
  });

  it('has at most 4,096 characters, and uses them', () => {
    for (const body of ['b'.repeat(8_000), '&'.repeat(8_000), '']) {
      const text = textOf({
        title: '<'.repeat(500),
        body,
        fields: Array.from({ length: 25 }, (_, n) => ({ name: `n${n}`, value: 'v'.repeat(2_000) })),
        links: Array.from({ length: 10 }, (_, n) => ({
          title: 't',
          url: `https://x.example/${n}/${'a'.repeat(1_000)}`,
        })),
      });
      expect(text.length).toBeLessThanOrEqual(TELEGRAM_LIMITS.text);
      if (body !== '') expect(text.length).toBeGreaterThan(TELEGRAM_LIMITS.text - 20);
      expect(text.match(/<(b|i)>/g)!.length).toBe(text.match(/<\/(b|i)>/g)!.length);
      expect(text.match(/<a /g)?.length ?? 0).toBe(text.match(/<\/a>/g)?.length ?? 0);
      expect(text.endsWith('</i>')).toBe(true);
    }
  });
});
