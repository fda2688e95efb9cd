import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { parse } from 'yaml';
import { createEmptyDatabase, migratorOf, type TestDatabase } from '../setup/test-database.js';
import { DocumentShell } from './document-shell.fixture.js';

const GITHUB = parse(readFileSync('deploy/pipelines/github-actions.yml', 'utf8')) as {
  jobs: Record<string, { steps: { name?: string; uses?: string; run?: string }[]; needs?: string }>;
};
const GITLAB = parse(readFileSync('deploy/pipelines/gitlab-ci.yml', 'utf8')) as Record<string, any>;

/** `npm run -s deskwire --` is the command line of the test. Packages are installed and built before it runs. */
const NPM = String.raw`
npm() {
  case "$*" in
    'ci' | 'ci --cache .npm --prefer-offline' | 'run build') echo "$*" >>npm.log ;;
    'run -s deskwire -- '*) shift 4; deskwire "$@" ;;
    *) echo "the test has no npm $*" >&2; return 127 ;;
  esac
}`;

interface Answer {
  code: number;
  output: string;
}

let database: TestDatabase;
let shell: DocumentShell;

async function close(): Promise<void> {
  await shell.close();
  await database.drop();
}

const file = (name: string) => readFileSync(join(shell.folder, name), 'utf8');

/** Runs the steps of a job in order, each in a shell of its own as a runner does, until one fails. */
async function job(steps: readonly string[]): Promise<Answer & { ran: number }> {
  const variables = {
    GITHUB_OUTPUT: join(shell.folder, 'github-output'),
    GITHUB_STEP_SUMMARY: join(shell.folder, 'summary.md'),
  };
  let output = '';
  for (const [at, step] of steps.entries()) {
    const done = await shell.run([NPM, step], variables);
    output += done.output;
    if (done.code !== 0) return { code: done.code, output, ran: at + 1 };
  }
  return { code: 0, output, ran: steps.length };
}

const stepsOf = {
  github: (name: string) => GITHUB.jobs[name]!.steps.flatMap(({ run }) => (run === undefined ? [] : [run])),
  // GitLab runs all lines of a job in one shell.
  gitlab: (name: string) => [[...GITLAB['default'].before_script, ...GITLAB[name].script].join('\n')],
};

async function sql(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

// In order: each test goes on with the database and the plan that the one before it left.
describe.each(['github', 'gitlab'] as const)('the pipeline example of %s', (host) => {
  beforeAll(async () => {
    database = await createEmptyDatabase();
    shell = await DocumentShell.open({ DATABASE_URL: database.url });
  });
  afterAll(close);

  it(`the review job of ${host} passes on an empty database, and every step of it runs`, async () => {
    const done = await job(stepsOf[host]('review'));
    expect([done.code, done.output]).toEqual([0, expect.stringContaining('The schema matches')]);
    expect(file('npm.log').split('\n')).toContain('run build');
  });

  it(`the plan job of ${host} writes what is pending, and the apply job stops with exit code 3 when the database or the version is not the one of the plan`, async () => {
    await migratorOf(database.url).down(); // As production before a release.
    const planned = await job(stepsOf[host]('plan'));
    expect([planned.code, planned.output]).toEqual([0, expect.stringContaining('1 migration: ')]);
    const plan = file('plan.sql');
    expect(plan).toContain('-- pending: 1\n');
    if (host === 'github') {
      expect(file('github-output')).toBe('pending=true\n');
      expect(file('summary.md')).toContain('-- sha256 ');
    }
    writeFileSync(join(shell.folder, 'plan.sql'), `${plan}-- edited\n`);
    const edited = await job(stepsOf[host]('apply'));
    expect([edited.code, edited.output]).toEqual([3, expect.stringContaining('Nothing was applied')]);
    expect((await migratorOf(database.url).status()).at(-1)!.state).toBe('pending');
    writeFileSync(join(shell.folder, 'plan.sql'), plan);
  });

  it(`the apply job of ${host} applies what was reviewed, and nothing is pending afterwards`, async () => {
    expect(await job(stepsOf[host]('apply'))).toMatchObject({ code: 0 });
    expect((await migratorOf(database.url).status()).at(-1)!.state).toBe('applied');
    expect(await job(stepsOf[host]('plan'))).toMatchObject({ code: 0 });
    if (host === 'github') expect(file('github-output')).toBe('pending=true\npending=false\n');
    expect(file('plan.sql')).toContain('-- pending: 0\n');
  });

  it(`the jobs of ${host} fail when the schema was changed by hand, or an applied migration was edited`, async () => {
    await sql(`CREATE TABLE left_by_hand (id bigint)`);
    expect(await job(stepsOf[host]('apply'))).toMatchObject({
      code: 3,
      output: expect.stringContaining('left_by_hand'),
    });
    await sql(`UPDATE migrations SET checksum = 'another' WHERE name LIKE 'CreateUsers%'`);
    const planned = await job(stepsOf[host]('plan'));
    expect([planned.code, planned.output]).toEqual([
      host === 'github' ? 3 : 1,
      expect.stringContaining('Applied migrations were edited: CreateUsers'),
    ]);
  });
});

describe('the pipeline examples', () => {
  it('the steps of the GitHub example that only a hosted runner can do are these', () => {
    const used = Object.values(GITHUB.jobs).flatMap(({ steps }) => steps.flatMap(({ uses }) => uses ?? []));
    expect([...new Set(used)].sort()).toEqual([
      'actions/checkout@v4',
      'actions/download-artifact@v4',
      'actions/setup-node@v4',
      'actions/upload-artifact@v4',
    ]);
    for (const steps of Object.values(GITHUB.jobs).map((one) => one.steps))
      for (const step of steps) expect([step.uses, step.run].filter((part) => part !== undefined)).toHaveLength(1);
  });

  it('both examples apply after a plan, and a plan after a review', () => {
    expect([GITHUB.jobs['plan']!.needs, GITHUB.jobs['apply']!.needs]).toEqual(['review', 'plan']);
    expect(GITLAB['stages']).toEqual(['review', 'plan', 'apply']);
    expect([GITLAB['plan'].stage, GITLAB['apply'].stage, GITLAB['apply'].needs]).toEqual(['plan', 'apply', ['plan']]);
    expect(GITLAB['apply'].rules[0].when).toBe('manual');
  });

  it('a step that fails stops its job', async () => {
    database = await createEmptyDatabase();
    shell = await DocumentShell.open({ DATABASE_URL: database.url });
    const done = await job(['npm run -s deskwire -- migrate status', 'echo continued']).finally(close);
    expect(done).toMatchObject({ code: 2, ran: 1, output: expect.not.stringContaining('continued') });
  });
});
