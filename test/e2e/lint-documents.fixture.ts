import { createRequire } from 'node:module';
import { Parser } from '@asyncapi/parser';

/** The libraries of the commands, which take seconds to start. */
const ofRedocly = createRequire(createRequire(import.meta.url).resolve('@redocly/cli/package.json'));
const ofSpectral = createRequire(createRequire(import.meta.url).resolve('@stoplight/spectral-cli/package.json'));

interface Finding {
  code: string | number;
  message: string;
  path: readonly PropertyKey[];
}

const lineOf = ({ code, message, path }: Finding) => `${code} ${path.join('.')}: ${message}`;

/** What the recommended rules of Redocly say of an OpenAPI document, one line each. */
export async function redoclyFindings(document: object): Promise<string[]> {
  const { createConfig, lintFromString } = ofRedocly('@redocly/openapi-core');
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify(document);
  const problems = (await lintFromString({ source, absoluteRef: 'openapi.json', config })) as {
    ruleId: string;
    message: string;
    location: { pointer?: string }[];
  }[];
  return problems.map(({ ruleId, message, location }) => `${ruleId} ${location[0]?.pointer}: ${message}`);
}

/** By Spectral it takes half of the time of all rules. Redocly's `no-invalid-media-type-examples` checks the same. */
const CHECKED_BY_REDOCLY = { 'oas3-valid-media-example': 'off' };

/** What the recommended rules of Spectral say of an OpenAPI or AsyncAPI document. */
export async function spectralFindings(document: object, kind: 'oas' | 'asyncapi'): Promise<string[]> {
  const { Spectral } = ofSpectral('@stoplight/spectral-core');
  const spectral = new Spectral();
  spectral.setRuleset({
    extends: [[ofSpectral('@stoplight/spectral-rulesets')[kind], 'recommended']],
    rules: kind === 'oas' ? CHECKED_BY_REDOCLY : {},
  });
  const found = (await spectral.run(JSON.stringify(document))) as Finding[];
  return found.map(lineOf);
}

/** What AsyncAPI's own parser says of a document. */
export async function asyncApiFindings(document: object): Promise<string[]> {
  const { diagnostics } = await new Parser().parse(JSON.stringify(document));
  return diagnostics.map(lineOf);
}
