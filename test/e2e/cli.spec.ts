import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandLine } from './command-line.fixture.js';

/** A line of a stack trace. */
const STACK = /^\s+at .+:\d+:\d+/m;

const COMMANDS = [
  'serve',
  ...['up', 'down', 'status', 'lint', 'plan', 'check', 'create'].map((name) => `migrate ${name}`),
  ...['import', 'list', 'rollback'].map((name) => `instruments ${name}`),
  ...['replay', 'run'].map((name) => `feeds ${name}`),
  'filings tickers',
  ...['add', 'list', 'disable', 'enable', 'reset'].map((name) => `users ${name}`),
  ...['rewrap', 'status'].map((name) => `secrets ${name}`),
  ...['check', 'example'].map((name) => `config ${name}`),
  ...['status', 'load', 'clear'].map((name) => `demo ${name}`),
];

let folder: CommandLine;

beforeEach(() => {
  folder = new CommandLine();
});
afterEach(() => folder.remove());

describe('help', () => {
  it.each(COMMANDS)('the help of `deskwire %s` describes it with an example', async (command) => {
    const help = folder.run([...command.split(' '), '--help']);
    expect(await help.exit).toBe(0);
    expect(help.stdout).toContain(`Usage: deskwire ${command}`);
    expect(help.stdout).toMatch(new RegExp(`Examples?:\\n.*${command}`, 's'));
  });

  it('the help of deskwire migrate lists the exit codes', async () => {
    const help = folder.run(['--help']);
    expect(await help.exit).toBe(0);
    for (const code of [
      '0 done',
      '1 failure',
      '2 migrations pending',
      '3 schema drift',
      '4 migration lock timeout',
      '64',
      '69',
      '75',
      '78',
    ])
      expect(help.stdout).toContain(code);
  });

  it.each([
    [['sevre']],
    [['migrate', 'down', '--steps', 'all']],
    [['instruments', 'import', 'x.csv']],
    [['users', 'add', 'a@b.example', '--role', 'king']],
  ])('the help for an unknown command or option (%j) goes to stderr with exit code 64', async (args) => {
    const wrong = folder.run(args);
    expect(await wrong.exit).toBe(64);
    expect(wrong.stderr).toContain('error:');
    expect(wrong.stdout).toBe('');
  });
});

describe('--version', () => {
  it('deskwire --version prints the version of the package', async () => {
    const asked = folder.run(['--version']);
    expect(await asked.exit).toBe(0);
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(asked.stdout).toBe(`${version}\n`);
  });
});

describe('config', () => {
  it('config check refuses an unknown key with the closest or new name, and does not show its value', async () => {
    const checked = folder.run(['config', 'check'], {
      AUTH_REFRESH_GRACES: 'hunter2',
      WEBHOOKS_TIMEOUT_MS: '1000',
      THROTTLING_READ_LIMIT: '3',
    });
    expect(await checked.exit).toBe(78);
    expect(checked.stderr).toMatch(/^ +AUTH_REFRESH_GRACES +no such setting +did you mean AUTH_REFRESH_GRACE\?$/m);
    expect(checked.stderr).toMatch(/^ +WEBHOOKS_TIMEOUT_MS +no such setting +remove it;/m);
    expect(checked.stderr).toMatch(/^ +THROTTLING_READ_LIMIT +no such setting +renamed to THROTTLING_MAX_READS$/m);
    expect(checked.stderr).not.toContain('hunter2');
  });

  it('config check prints every key with its origin, and no secret', async () => {
    const secret = 'a-secret-of-the-operator-of-32-bytes-and-more';
    const checked = folder.run(['config', 'check'], { JWT_SECRET_KEY: secret, PORT: '8080' });
    expect(await checked.exit).toBe(0);
    expect(checked.stdout).toMatch(/^PORT\s+8080\s+environment$/m);
    expect(checked.stdout).toMatch(/^JWT_SECRET_KEY\s+\[secret\]\s+environment$/m);
    expect(checked.stdout).toMatch(/^SESSIONS_ENCRYPTION_KEY\s+\[secret\]\s+home$/m);
    expect(checked.stdout).toMatch(/^JWT_EXPIRE_MINUTES\s+15\s+default$/m);
    expect(checked.stdout).not.toContain(secret);
  });

  it('config check reads .env of the working directory, and the environment wins', async () => {
    writeFileSync(join(folder.home, '.env'), 'PORT=7001\nEGRESS_CONTACT=from-the-file\n');
    const checked = await folder.run(['config', 'check', '--json'], { PORT: '7002' }).json();
    expect(checked.api.PORT).toEqual({ value: 7002, source: 'environment' });
    expect(checked.egress.EGRESS_CONTACT).toEqual({ value: 'from-the-file', source: '.env' });
  });

  it('config check exits with 78 for a production that would not start, and names every key with a masked value', async () => {
    const checked = folder.run(['config', 'check'], { NODE_ENV: 'production', JWT_SECRET_KEY: 'too-short-a-secret' });
    expect(await checked.exit).toBe(78);
    for (const key of ['DATABASE_URL', 'JWT_SECRET_KEY', 'SESSIONS_ENCRYPTION_KEY', 'WEBHOOK_ENCRYPTION_KEY'])
      expect(checked.stderr).toContain(key);
    expect(checked.stderr).not.toContain('too-short-a-secret');
    expect(checked.stderr).not.toMatch(STACK);
  });
});
