import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Parser } from '@asyncapi/parser';

/** The libraries of Spectral's command, which takes two seconds to start. */
const ofSpectral = createRequire(createRequire(import.meta.url).resolve('@stoplight/spectral-cli/package.json'));

interface Finding {
  code: string | number;
  message: string;
  path: readonly PropertyKey[];
}

const lineOf = ({ code, message, path }: Finding) => `${code} ${path.join('.')}: ${message}`;

/** What the recommended rules of Redocly say of an OpenAPI document, one line each. */
export async function redoclyFindings(document: object): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'deskwire-lint-'));
  try {
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const command = ['node_modules/@redocly/cli/bin/cli.js', 'lint', file, '--extends=recommended', '--format=json'];
    const { problems } = JSON.parse(await outputOf([...command, '--max-problems=1000'])) as {
      problems: { ruleId: string; message: string; location: { pointer: string }[] }[];
    };
    return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Its exit code is 1 if it found something. */
function outputOf(command: readonly string[]): Promise<string> {
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [...command], { env, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout.startsWith('{')) resolve(stdout);
      else reject(error ?? new Error(stderr));
    });
  });
}

/** What the recommended rules of Spectral say of an OpenAPI or AsyncAPI document. */
export async function spectralFindings(document: object, kind: 'oas' | 'asyncapi'): Promise<string[]> {
  const { Spectral } = ofSpectral('@stoplight/spectral-core');
  const spectral = new Spectral();
  spectral.setRuleset({ extends: [[ofSpectral('@stoplight/spectral-rulesets')[kind], 'recommended']] });
  const found = (await spectral.run(JSON.stringify(document))) as Finding[];
  return found.map(lineOf);
}

/** What AsyncAPI's own parser says of a document. */
export async function asyncApiFindings(document: object): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  return diagnostics.map(lineOf);
}
