import { sentBody, webhookHeaders } from './webhook-exchange.js';

const CHAT = 'https://api.telegram.org/bot1:a/sendMessage?chat_id=-100&message_thread_id=7';

describe('a message to an endpoint', () => {
  it('of Telegram has the chat of the URL in its body', () => {
    const body = JSON.stringify({ text: 'Hello' });
    expect(JSON.parse(sentBody({ body }, { format: 'telegram', url: CHAT }))).toEqual({
      ...{ chat_id: '-100', message_thread_id: '7', text: 'Hello' },
    });
    expect(sentBody({ body: 'an e-mail' }, { format: 'telegram', url: CHAT })).toBe('an e-mail');
    expect(sentBody({ body }, { format: 'generic', url: CHAT })).toBe(body);
  });

  it('has the headers of the endpoint, which replace none of its own', () => {
    const delivery = {
      id: '1',
      messageId: 'm',
      endpointId: 'e',
      body: '{}',
      attempt: 1,
      createdAt: new Date(0),
      correlationId: 'c',
    };
    const headers = {
      'x-api-key': 'k',
      'content-type': 'text/html',
      'webhook-id': 'other',
      'x-correlation-id': 'other',
    };
    expect(webhookHeaders(delivery, { format: 'generic', headers, signers: [] }, new Date(1_000))).toMatchObject({
      'x-api-key': 'k',
      'content-type': 'application/json',
      'webhook-id': 'm',
      'x-correlation-id': 'c',
    });
  });
});
