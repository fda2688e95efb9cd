import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configSlice, env, secret, text } from '#config';
import { DeskHome } from './desk-home.js';
import { generatedKeys, homeSecrets } from './home-secrets.js';

const slices = [
  configSlice('made', {
    signing: env('SIGNING_KEY', secret(32), 'signs', { secret: true, requiredInProduction: true }),
    sealing: env('SEALING_KEY', secret(32), 'seals', { secret: true, requiredInProduction: true }),
    database: env('DATABASE_URL', secret(1), 'where', { secret: true, requiredInProduction: true }),
    optional: env('METRICS_TOKEN', secret(16), 'may be unset', { secret: true }),
    plain: env('PLAIN', text('x'), 'no secret', { requiredInProduction: true }),
  }),
];

let home: DeskHome;
beforeEach(() => {
  home = DeskHome.of({ DESKWIRE_HOME: mkdtempSync(join(tmpdir(), 'deskwire-secrets-')) });
});
afterEach(() => rmSync(home.path, { recursive: true, force: true }));

describe('secrets of a home', () => {
  it('secrets of a home are generated for keys that production requires and random bytes can fill', () => {
    expect(generatedKeys(slices)).toEqual(['SIGNING_KEY', 'SEALING_KEY']);
  });

  it('secrets of a home are 32 bytes each, generated once, with mode 0600', () => {
    const made = homeSecrets(home, slices, {});
    expect(Object.values(made).map((value) => Buffer.from(value, 'base64').length)).toEqual([32, 32]);
    expect(made['SIGNING_KEY']).not.toBe(made['SEALING_KEY']);
    expect(homeSecrets(home, slices, {})).toEqual(made);
    expect(statSync(home.file('secrets.json')).mode & 0o777).toBe(0o600);
  });

  it('secrets of a home are overridden by the environment, whose values are not stored', () => {
    expect(homeSecrets(home, slices, { SIGNING_KEY: 'set by the operator' })).not.toHaveProperty('SIGNING_KEY');
    expect(readFileSync(home.file('secrets.json'), 'utf8')).not.toContain('SIGNING_KEY');
  });
});
