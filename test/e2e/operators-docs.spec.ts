import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { Egress } from '#egress';
import { contracts, kiteCsv } from '../integration/instruments/masters.fixture.js';
import { rowsOf } from '../integration/maintenance/desk-copy.fixture.js';
import { TestReceiver } from '../integration/webhooks/receiver.fixture.js';
import { describeWithRedis, RedisServer } from '../setup/redis-server.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';
import { createEmptyDatabase } from '../setup/test-database.js';
import { codeBlocksOf, DocumentShell } from './document-shell.fixture.js';
import { RunbookCommands } from './runbook-commands.fixture.js';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** Imports a small master. @returns the id of the import */
async function imported(desk: TestApp, token: string): Promise<string> {
  const master = { token, body: kiteCsv(contracts(3)), headers: { 'content-type': 'text/csv' } };
  return (await desk.request('POST', '/v1/instruments/imports?broker=zerodha', master)).body.importId;
}

const PAGES = ['docs/backup.md', 'docs/rollback.md'];

describe('the pages for operators', () => {
  let desk: TestApp;

  beforeAll(async () => {
    desk = await startTestApp({ env: { DESKWIRE_ROLE: 'web' } });
  });
  afterAll(() => desk.close());

  const skipped = hasCurl ? '' : ' (skipped: no curl)';
  (hasCurl ? it : it.skip).each(PAGES)(`the commands of %s succeed unchanged and in order${skipped}`, async (page) => {
    const blocks = codeBlocksOf(page)
      .filter(({ language, label }) => language === 'sql' || (language === 'sh' && label === ''))
      .map(({ code }) => code);
    expect(blocks.length).toBeGreaterThan(1);
    const restored = await createEmptyDatabase();
    const shell = await DocumentShell.open({ DATABASE_URL: desk.database.url });
    const operator = await desk.login('operator');
    const variables = {
      ...{ DESK: desk.url, CANARY: desk.url, BACKUPS: join(shell.folder, 'backups'), RELEASE: 'r2', STEPS: '1' },
      ...{ NEW_DATABASE_URL: restored.url, EMAIL: operator.email },
      // Of another user: a page ends the logins of $EMAIL.
      ...{ TOKEN: (await desk.login('operator')).token },
      ...{ IMPORT_ID: await imported(desk, operator.token), BAD_IMPORT_ID: await imported(desk, operator.token) },
    };
    try {
      for (const code of blocks) {
        if (/^SELECT/.test(code)) await rowsOf(desk.database.url, code);
        else {
          // The canary is watched for a second instead of a minute.
          const { code: exit, output } = await shell.run([code.replace('--watch 60s', '--watch 1s')], variables);
          expect({ code, exit, output }).toEqual({ code, exit: 0, output: expect.any(String) });
        }
        // Stands for the start of the former release.
        if (code.includes('migrate down')) await shell.run(['deskwire migrate up'], variables);
      }
    } finally {
      // A page leaves the database read-only.
      await shell.run(['deskwire read-only off'], variables);
      await shell.close();
      await restored.drop();
    }
  });

  describe('the runbook', () => {
    let receiver: TestReceiver;
    let client: pg.Client;
    let commands: RunbookCommands;

    beforeAll(async () => {
      receiver = await new TestReceiver().open();
      desk.get(Egress).allow(receiver.host);
      client = new pg.Client({ connectionString: desk.database.url });
      await client.connect();
      commands = await RunbookCommands.prepare(desk, client, desk.database.url, receiver.url);
    });
    afterAll(async () => {
      commands.close();
      await client.end();
      await receiver.close();
    });

    const runbook = readFileSync('prometheus/runbook.md', 'utf8');
    const sections = runbook.split(/^## /m).slice(1);

    it('every section of the runbook says what the alert means, where to look, what to do, and when it is over', () => {
      expect(sections.length).toBeGreaterThan(40);
      const parts = [/\*\*Means\*\* /, /\*\*Look\*\* /, /\*\*Do\*\* |\*\*do\*\* /, /\*\*Over when\*\* /];
      const lacking = sections.filter((section) => !parts.every((part) => part.test(section)));
      expect(lacking.map((section) => section.split('\n')[0])).toEqual([]);
    });

    it('every command of the runbook works on a desk, and every setting and metric that it names exists', async () => {
      const findings: string[] = [];
      const codes = new Set(
        sections.flatMap((section) => [...section.matchAll(/`([^`]+)`/g)].map(([, code]) => code!)),
      );
      for (const code of codes) {
        const problem = await commands.check(code);
        if (problem !== undefined) findings.push(`\`${code}\`: ${problem}`);
      }
      expect(findings).toEqual([]);
      for (const kind of ['deskwire', 'sql', 'http', 'metric', 'setting'] as const)
        expect([kind, commands.checked[kind] > 5]).toEqual([kind, true]);
    });

    it.each(PAGES)('every command, setting and metric in the text of %s exists', async (page) => {
      const text = readFileSync(page, 'utf8').replace(/^ *```[^]*?^ *```$/gm, '');
      const findings: string[] = [];
      for (const [, code] of text.matchAll(/`([^`]+)`/g)) {
        const problem = await commands.check(code!, true);
        if (problem !== undefined) findings.push(`\`${code}\`: ${problem}`);
      }
      expect(findings).toEqual([]);
    });

    it.each([
      ['deskwire replication stat', 'no command'],
      ['deskwire replication promote --now', 'no option --now'],
      ['deskwire deliveries lst', 'exit 64'],
      ['SELECT nothing FROM pg_stat_activit', 'relation'],
      ['GET /v1/webhook', '404'],
      ['webhooks_pending_total', 'no such metric'],
      ['DATABASE_POOL_SIZE', 'no such setting'],
      ['topk(5, sum by (rout) (rate(http_requests_total{statu=~"5.."}[5m])))', 'no label statu'],
    ])('a runbook that says `%s` fails that check', async (command, says) => {
      expect(await commands.check(command)).toContain(says);
    });
  });
});

/** Commands of a page that start with one of `programs`, without those of the output that follows. */
const commandsOf = (page: string, programs: RegExp): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code!)
    .filter((code) => programs.test(code));

describeWithRedis('commands of the pages that ask Redis and the operating system', () => {
  let redis: RedisServer;
  let shell: DocumentShell;

  beforeAll(async () => {
    redis = await RedisServer.start();
    shell = await DocumentShell.open({});
  });
  afterAll(async () => {
    await shell.close();
    await redis.stop();
  });

  // Without an address they go to port 6379, which is another server on this machine.
  const run = (code: string) =>
    shell.run([`redis-cli() { command redis-cli -p "$REDIS_PORT" "$@"; }`, code], {
      REDIS_URL: redis.url,
      REDIS_PORT: String(redis.port),
    });

  it('redis-cli in the runbook reaches the Redis of REDIS_URL', async () => {
    const commands = commandsOf('prometheus/runbook.md', /^redis-cli /);
    expect(commands).toHaveLength(1);
    expect(await run(`command ${commands[0]}`)).toEqual({ code: 0, output: 'PONG\n' });
  });

  it('SLOWLOG in the runbook shows the slow commands', async () => {
    const commands = commandsOf('prometheus/runbook.md', /^SLOWLOG /);
    expect(commands).toHaveLength(1);
    redis.command('CONFIG', 'SET', 'slowlog-log-slower-than', '0');
    redis.command('SET', 'slow', '1');
    const { code, output } = await run(`redis-cli ${commands[0]}`);
    expect([code, output]).toEqual([0, expect.stringContaining('slow')]);
  });

  it('the command that empties a cache removes its keys and no other', async () => {
    const commands = commandsOf('docs/operations.md', /^redis-cli /);
    expect(commands).toHaveLength(1);
    for (const key of ['deskwire:cache:a', 'deskwire:cache:b', 'deskwire:limits:a']) redis.command('SET', key, '1');
    const { code, output } = await run(
      commands[0]!.replace('xargs -r redis-cli', 'xargs -r redis-cli -p "$REDIS_PORT"'),
    );
    expect([code, output]).toEqual([0, expect.stringContaining('2')]);
    expect(redis.command('--scan', '--pattern', 'deskwire:*')).toEqual(['deskwire:limits:a']);
  });

  (spawnSync('ss', ['--version']).status === 0 ? it : it.skip)(
    'ss in the runbook counts the sockets of each address',
    async () => {
      const commands = commandsOf('prometheus/runbook.md', /^ss /);
      expect(commands).toHaveLength(1);
      const desk = createServer().listen(0);
      await once(desk, 'listening');
      const { port } = desk.address() as AddressInfo;
      const clients = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1'), connect(port, '::1')];
      await Promise.all(clients.map((client) => once(client, 'connect')));
      try {
        const { code, output } = await run(commands[0]!.replace(':3000', `:${port}`));
        expect([code, output.trim().split(/\s*\n\s*/)]).toEqual([0, ['1 [::1]', '2 [::ffff:127.0.0.1]']]);
      } finally {
        for (const client of clients) client.destroy();
        desk.close();
      }
    },
  );
});
