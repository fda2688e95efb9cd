import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSlices } from '../../../apps/api/config-slices.js';
import { envExample, settingsTable } from '../../../apps/cli/settings-text.js';

const settings = configSlices.flatMap((slice) => Object.values(slice.settings));
const keys = new Set(settings.map(({ key }) => key));

/**
 * Names with a prefix of ours that are no settings: one is of an earlier version, and the last two are examples of keys that
 * are refused or ignored.
 */
const OTHERS = new Set([
  ...['DESKWIRE_DATA_DIR', 'HTTP_PROXY', 'DATABASE_ANALYTICS_URL'],
  ...['DATABASE_SERVICE_HOST', 'LOG_LEVELS'],
  ...['DESKWIRE_URL', 'DESKWIRE_FUZZ_SECONDS', 'DESKWIRE_FUZZ_SEED'],
]);

/** Files below a folder whose name matches. */
function files(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Sources, whose errors and screens name settings. Those that declare settings also have former names. */
const sources = ['libs', 'apps'].flatMap((folder) => files(folder, /(?<!\.config|\.spec|\.fixture)\.tsx?$/));

/** Whole string literals of the sources, such as `'DATABASE_UNAVAILABLE'` (error codes), and names of constants. */
function otherNames(): Set<string> {
  const quotedOrDeclared = /\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b(?=['":])|(?<=\bconst )[A-Z][A-Z0-9_]*/g;
  return new Set(sources.flatMap((file) => readFileSync(file, 'utf8').match(quotedOrDeclared) ?? []));
}

describe('.env.example', () => {
  it('.env.example lists every setting with its default and meaning (write it with `deskwire config example > .env.example`)', () => {
    expect(readFileSync('.env.example', 'utf8')).toBe(envExample(configSlices));
  });

  it('.env.example starts with the values that a start without it would have', () => {
    const example = Object.fromEntries(
      envExample(configSlices)
        .split('\n')
        .filter((line) => /^[A-Z]/.test(line))
        .map((line) => line.split(/=(.*)/s) as [string, string]),
    );
    for (const slice of configSlices) expect(slice.read(example)).toEqual(slice.read({}));
  });
});

describe('docs/configuration.md', () => {
  it('docs/configuration.md lists every setting (write its tables with `deskwire config example --markdown`)', () => {
    expect(readFileSync('docs/configuration.md', 'utf8')).toContain(settingsTable(configSlices));
  });
});

describe('the settings', () => {
  it('the settings are limited in number, each with one meaning and no key twice', () => {
    expect(settings.length).toBeLessThanOrEqual(96);
    expect(keys.size).toBe(settings.length);
    expect(new Set(settings.map(({ about }) => about)).size).toBe(settings.length);
  });

  it('the settings have no unit in their name: durations and sizes are written with theirs', () => {
    const units = settings.filter(({ key }) => /_(MS|SECONDS|HOURS|DAYS|BYTES|KIB)$/.test(key)).map(({ key }) => key);
    expect(units).toEqual([]);
  });

  it('the settings name their former keys, none of which is in use again', () => {
    const former = settings.flatMap(({ formerly }) => formerly);
    expect(former.length).toBeGreaterThan(10);
    expect(former.filter((key) => keys.has(key))).toEqual([]);
  });
});

describe('a setting that a document, a deployment file or a source names', () => {
  const documents = [
    'README.md',
    'CHANGELOG.md',
    'CONTRIBUTING.md',
    'SECURITY.md',
    'GLOSSARY.md',
    'docker-compose.yml',
    ...files('docs', /\.md$/),
    ...files('deploy', /./),
    ...files('prometheus', /\.(md|ya?ml)$/),
    ...files('libs', /^README\.md$/),
    ...files('apps', /^README\.md$/),
  ];
  const prefixes = new Set([...keys].filter((key) => key.includes('_')).map((key) => key.split('_', 1)[0]!));
  prefixes.delete('NODE');
  const others = otherNames();

  function unknownIn(file: string): string[] {
    const named = readFileSync(file, 'utf8').match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b/g) ?? [];
    return named.filter(
      (name) => prefixes.has(name.split('_', 1)[0]!) && !keys.has(name) && !others.has(name) && !OTHERS.has(name),
    );
  }

  it.each(documents)('exists (%s)', (file) => expect(unknownIn(file)).toEqual([]));

  it('exists or is a former name (sources)', () => {
    const former = new Set(settings.flatMap(({ formerly }) => formerly));
    const unknown = sources.flatMap((file) =>
      unknownIn(file)
        .filter((name) => !former.has(name))
        .map((name) => `${file}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });
});
