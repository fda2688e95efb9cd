import { inspect } from 'node:util';
import { configSlice, env } from './config-slice.js';
import { ConfigError } from './config-error.js';
import { envExample } from './env-example.js';
import { loadConfig } from './load-config.js';
import { Secret } from './secret.js';
import { flag, integer, list, secret, strengthInBytes, text } from './setting-types.js';

const slice = configSlice('demo', {
  port: env('DEMO_PORT', integer(3000, 1, 65_535), 'Port'),
  name: env('DEMO_NAME', text('desk'), 'Name'),
  on: env('DEMO_ON', flag(true), 'Switch'),
  hosts: env('DEMO_HOSTS', list('a,b'), 'Hosts'),
  key: env('DEMO_KEY', secret(), 'Key', { secret: true, requiredInProduction: true }),
});

const load = (environment: Record<string, string>) =>
  loadConfig([slice], environment)['demo'] as Record<string, unknown>;
const problemsOf = (environment: Record<string, string>) => {
  try {
    load(environment);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  throw new Error('it was accepted');
};

describe('the environment', () => {
  it('is typed, defaulted and frozen', () => {
    const tree = load({ DEMO_PORT: '8080', DEMO_ON: 'no', DEMO_HOSTS: ' x , ,y' });
    expect(tree).toEqual({ port: 8080, name: 'desk', on: false, hosts: ['x', 'y'], key: undefined });
    expect(Object.isFrozen(tree)).toBe(true);
  });

  it('takes an empty value as unset', () => {
    expect(load({ DEMO_PORT: '' })['port']).toBe(3000);
  });

  it('tells every problem at once, and masks a secret in it', () => {
    const problems = problemsOf({ DEMO_PORT: 'lots', DEMO_ON: 'maybe', DEMO_KEY: 'hunter2' });
    expect(problems.map((problem) => problem.key)).toEqual(['DEMO_PORT', 'DEMO_ON', 'DEMO_KEY']);
    expect(problems[0]).toMatchObject({ seen: 'lots', expected: 'a whole number from 1 to 65535' });
    expect(problems[2]!.seen).toBe('[secret, 7 bytes]');
    expect(new ConfigError(problems).message).not.toContain('hunter2');
  });

  it('refuses a missing secret in production only', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      { key: 'DEMO_KEY', seen: 'nothing', expected: 'required in production: Key' },
    ]);
    expect(load({ NODE_ENV: 'development' })['key']).toBeUndefined();
  });

  it('knows that 32 hexadecimal characters are 16 bytes', () => {
    expect(strengthInBytes('00112233445566778899aabbccddeeff')).toBe(16);
    expect(problemsOf({ DEMO_KEY: '00112233445566778899aabbccddeeff' })).toHaveLength(1);
  });

  it('prints an example of every key with its default and meaning', () => {
    expect(envExample([slice])).toContain('# Port\nDEMO_PORT=3000\n');
    expect(envExample([slice])).toContain('# Key (required in production)\n#DEMO_KEY=\n');
  });
});

describe('a secret', () => {
  it('cannot be printed', () => {
    const value = new Secret('hunter2');
    expect(
      [String(value), `${value}`, JSON.stringify({ value }), inspect(value), inspect({ value })].join(),
    ).not.toContain('hunter2');
    expect(value.reveal()).toBe('hunter2');
  });
});
