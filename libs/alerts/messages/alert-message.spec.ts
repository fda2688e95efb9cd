import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AlertContent, draftOf, Unformattable } from '../rules/alert-draft.js';
import { alertMessage } from './alert-message.js';
import { DISCORD_LIMITS, type discordMessage, sizeOf } from './discord-message.js';
import type { AlertEvent } from '../conditions/event-view.js';
import { SLACK_LIMITS } from './slack-message.js';
import { TEXT_LIMITS } from './text-message.js';

const event = (payload: unknown, type = 'NewsPublished'): AlertEvent => ({
  ...{
    id: '0198b5f5-bf7b-7000-8000-000000000001',
    type,
    broker: null,
    userId: null,
    instrumentId: null,
    correlationId: null,
  },
  ...{ payload, occurredAt: new Date('2026-08-17T03:45:00Z') },
});
const content = (more: Partial<AlertContent> = {}): AlertContent => ({
  ...{
    id: '0198b5f5-bf7b-7000-8000-000000000002',
    severity: 'warning',
    title: 'Title',
    body: 'Body',
    links: [],
    fields: [],
  },
  ...{
    raisedAt: new Date('2026-08-17T03:45:01Z'),
    event: event({ title: 'Title' }),
    rule: { id: '0198b5f5-bf7b-7000-8000-000000000003', name: 'News' },
    ...more,
  },
});
interface SlackBlock {
  text?: { type: string; text: string };
  fields?: { text: string }[];
}
const slack = (more: Partial<AlertContent>) =>
  JSON.parse(alertMessage('slack', content(more))) as { text: string; blocks: SlackBlock[] };
const discord = (more: Partial<AlertContent>) => {
  const message = JSON.parse(alertMessage('discord', content(more))) as ReturnType<typeof discordMessage>;
  return { ...message, embed: message.embeds[0]! };
};
const fields = (count: number, value: string, name = 'n') =>
  Array.from({ length: count }, (_, n) => ({ name: `${name}${n}`, value }));
const blns = join(process.env['DESKWIRE_DATA_DIR'] ?? '/nowhere', 'naughty-strings/blns.json');
const naughty: string[] = existsSync(blns) ? JSON.parse(readFileSync(blns, 'utf8')) : [];

describe('the text of an alert', () => {
  it('the text of an alert comes from the event: title, body, http(s) links, other values as fields', () => {
    const draft = draftOf(
      event({
        title: ' A\nB ',
        summary: 'S',
        url: 'https://x.example/a b',
        ticker: 'AAPL',
        price: '1.50',
        nested: { a: 1 },
        tickers: ['A', 'B'],
      }),
      {},
    );
    expect(draft).toEqual({
      ...{ title: 'A B', body: 'S', links: [{ title: 'x.example', url: 'https://x.example/a%20b' }] },
      fields: [
        { name: 'ticker', value: 'AAPL' },
        { name: 'price', value: '1.50' },
        { name: 'tickers', value: 'A, B' },
      ],
    });
    expect(draftOf(event({ name: 'EDGAR', reason: 'timeout' }, 'FeedWentStale'), {})).toMatchObject({
      title: 'Feed went stale: EDGAR',
      body: 'timeout',
    });
  });

  it('the text of an alert comes from the templates of the rule, which fail without the field they name', () => {
    expect(
      draftOf(event({ ticker: 'AAPL', tickers: ['A', 'B'] }), {
        title: '{payload.ticker} of {payload.tickers}',
        body: '{type}',
      }),
    ).toMatchObject({ title: 'AAPL of A, B', body: 'NewsPublished' });
    expect(() => draftOf(event({}), { title: '{payload.ticker}!' })).toThrow(
      new Unformattable("the event has no payload.ticker, which the rule's message names"),
    );
    expect(() => draftOf(event({ ticker: '\u0007' }), { title: '{payload.ticker}' })).toThrow('the title is empty');
  });

  it.each([
    'javascript:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    '//x.example',
    'https://user:pw@x.example/',
    `https://x.example/${'a'.repeat(2_000)}`,
    'ftp://x.example',
  ])('pass no link %s on', (url) => {
    expect(draftOf(event({ title: 't', url, links: [url, { url }] }), {}).links).toEqual([]);
  });
});

describe('a Slack message', () => {
  it('a Slack message stays within each limit for texts at the limit and beyond it', () => {
    const prefix = '[WARNING] '.length;
    for (const over of [0, 1]) {
      const { text, blocks } = slack({
        title: 't'.repeat(SLACK_LIMITS.header - prefix + over),
        body: 'b'.repeat(SLACK_LIMITS.text + over),
        fields: fields(1, 'v'.repeat(SLACK_LIMITS.field - 'n0: '.length + over)),
      });
      expect(text).toHaveLength(SLACK_LIMITS.header + over);
      const found = [blocks[0]!.text!.text, blocks[1]!.text!.text, blocks[2]!.fields![0]!.text];
      expect(found.map((each) => each.length)).toEqual([SLACK_LIMITS.header, SLACK_LIMITS.text, SLACK_LIMITS.field]);
      expect(found.map((each) => each.endsWith('…'))).toEqual([over === 1, over === 1, over === 1]);
    }
    expect(
      slack({ fields: fields(25, 'v') }).blocks.flatMap(({ fields: some }) => (some ? [some.length] : [])),
    ).toEqual([10, 10, 5]);
    expect(slack({ fields: fields(600, 'v') }).blocks).toHaveLength(SLACK_LIMITS.blocks);
  });

  it('notifies nobody and adds no link by itself', () => {
    const body = alertMessage(
      'slack',
      content({ title: '<!channel> @here & <https://evil|good>', body: '@everyone <@U123>' }),
    );
    expect(body).not.toMatch(/<!|<@|@here|@everyone|<https:\/\/evil/);
    expect(body).toContain('&lt;!channel&gt;');
  });

  it('a Slack message keeps links whole and leaves out those that do not fit', () => {
    const links = Array.from({ length: 10 }, (_, n) => ({
      title: 'x|>',
      url: `https://x.example/${n}/${'a'.repeat(1_000)}`,
    }));
    const { text } = slack({ links }).blocks.find((block) => block.text?.type === 'mrkdwn')!.text!;
    expect(text.length).toBeLessThanOrEqual(SLACK_LIMITS.text);
    expect(text.split('\n').every((line) => /^<https:\/\/x\.example\/\d\/a{1000}\|x¦&gt;>$/.test(line))).toBe(true);
  });
});

describe('a Discord message', () => {
  it('a Discord message stays within each limit for texts at the limit and beyond it', () => {
    for (const over of [0, 1]) {
      const { embed } = discord({
        title: 't'.repeat(DISCORD_LIMITS.title + over),
        body: 'b'.repeat(DISCORD_LIMITS.description + over),
        fields: [{ name: 'm'.repeat(DISCORD_LIMITS.name + over), value: 'v'.repeat(DISCORD_LIMITS.value + over) }],
      });
      const found: string[] = [embed.title, embed.description!, embed.fields[0]!.name, embed.fields[0]!.value];
      expect(found.map((each) => each.length)).toEqual([
        DISCORD_LIMITS.title,
        DISCORD_LIMITS.description,
        DISCORD_LIMITS.name,
        DISCORD_LIMITS.value,
      ]);
      expect(found.every((each) => each.endsWith('…') === (over === 1))).toBe(true);
    }
    expect(discord({ title: 't'.repeat(3_000) }).content).toHaveLength(DISCORD_LIMITS.content);
    expect(discord({ fields: fields(26, 'v') }).embed.fields).toHaveLength(DISCORD_LIMITS.fields);
  });

  it('a Discord message has at most 6,000 characters in all, and uses them', () => {
    const { embed } = discord({ body: 'b'.repeat(5_000), fields: fields(25, 'v'.repeat(1_024)) });
    expect(sizeOf(embed)).toBeLessThanOrEqual(DISCORD_LIMITS.total);
    expect(sizeOf(embed)).toBeGreaterThan(DISCORD_LIMITS.total - 10);
  });

  it('notifies nobody and shows markdown as text', () => {
    const message = discord({ title: '@everyone **bold** [good](https://evil)', body: '@here <@123> <#1> # big' });
    expect(JSON.stringify(message)).not.toMatch(/@everyone|@here|<@|<#|[^\\]\*\*/);
    expect(message.embed.title).toContain('\\[good\\]');
    expect(message.allowed_mentions).toEqual({ parse: [] });
  });
});

it.each(['slack', 'discord'] as const)('a %s message that is cut notifies nobody either', (format) => {
  const call = '@everyone @here <@123> ';
  const body = alertMessage(format, content({ title: call.repeat(200), body: call.repeat(2_000) }));
  expect(/@everyone|@here|<@/.exec(body)).toBeNull();
});

describe('a generic and a text message', () => {
  it('generic and text messages are as documented', () => {
    expect(
      JSON.parse(
        alertMessage(
          'generic',
          content({
            links: [{ title: 'x', url: 'https://x.example/' }],
            fields: [
              { name: 'ticker', value: 'AAPL' },
              { name: '__proto__', value: 'p' },
            ],
          }),
        ),
      ),
    ).toEqual(
      JSON.parse(`{"id":"0198b5f5-bf7b-7000-8000-000000000002","type":"alert","severity":"warning","title":"Title","body":"Body",
      "links":[{"title":"x","url":"https://x.example/"}],"fields":{"ticker":"AAPL","__proto__":"p"},
      "event":{"id":"0198b5f5-bf7b-7000-8000-000000000001","type":"NewsPublished","occurredAt":"2026-08-17T03:45:00.000Z","payload":{"title":"Title"}},
      "rule":{"id":"0198b5f5-bf7b-7000-8000-000000000003","name":"News"},"timestamp":"2026-08-17T03:45:01.000Z"}`),
    );
    const text = alertMessage(
      'text',
      content({
        fields: [{ name: 'a', value: '1' }],
        rule: { id: '1', name: 'N\r\nBcc: x@y' },
        links: [{ title: 'x', url: 'https://x.example/' }],
      }),
    );
    expect(text.split('\n')[0]).toBe('Subject: [WARNING] Title');
    expect(text).not.toMatch(/^Bcc/m);
    expect(text.endsWith('\n\nBody\n\na: 1\n\nhttps://x.example/')).toBe(true);
    expect(alertMessage('text', content({ body: 'b'.repeat(20_000) }))).toHaveLength(TEXT_LIMITS.message);
  });

  it('a message that is too large for every receiver is refused with the reason', () => {
    const big = content({ event: event({ text: 'x'.repeat(131_072) }) });
    expect(() => alertMessage('generic', big)).toThrow(Unformattable);
    expect(() => alertMessage('generic', big)).toThrow(/bytes, and no channel takes more than 131072/);
    for (const format of ['slack', 'discord', 'teams', 'telegram', 'text'] as const)
      expect(() => alertMessage(format, big)).not.toThrow();
  });
});

(naughty.length > 0 ? describe : describe.skip)(
  `naughty strings${naughty.length > 0 ? '' : ' (DESKWIRE_DATA_DIR is unset)'}`,
  () => {
    it('become a valid message in every format, or a reason why not', () => {
      let made = 0;
      for (const text of naughty) {
        const one = event({ title: text, body: text, note: text, url: text });
        const alert = content({ ...draftOf(one, {}), event: one });
        for (const format of ['generic', 'slack', 'discord', 'teams', 'telegram', 'text'] as const) {
          const body = alertMessage(format, alert);
          expect(body.isWellFormed()).toBe(true);
          if (format !== 'text') expect(() => JSON.parse(body) as unknown).not.toThrow();
          made++;
        }
      }
      expect(made).toBe(naughty.length * 6);
    });
  },
);
