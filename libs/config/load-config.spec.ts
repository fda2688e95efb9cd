import { randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { configSlice } from './config-slice.js';
import { ConfigError } from './config-error.js';
import { loadConfig } from './load-config.js';
import { Secret } from './secret.js';
import { env } from './setting.js';
import { duration, flag, integer, list, secret, size, strengthInBytes, text } from './setting-types.js';

const slice = configSlice(
  'demo',
  {
    port: env('DEMO_PORT', integer(3000, 1, 65_535), 'Port'),
    name: env('DEMO_NAME', text('desk'), 'Name'),
    on: env('DEMO_ON', flag(true), 'Switch'),
    hosts: env('DEMO_HOSTS', list('a,b'), 'Hosts'),
    wait: env('DEMO_WAIT_TIMEOUT', duration('15m', '1s', '2d'), 'Wait', { formerly: 'DEMO_PATIENCE_MS' }),
    room: env('DEMO_MAX_ROOM', size('64MiB', '1KiB', '1GiB'), 'Room'),
    key: env('DEMO_KEY', secret(), 'Key', { secret: true, requiredInProduction: true }),
  },
  { pollMs: 500 },
);

const load = (environment: Record<string, string>) => slice.of(loadConfig([slice], environment));
const problemsOf = (environment: Record<string, string>) => {
  try {
    load(environment);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  throw new Error('it was accepted');
};

describe('loadConfig', () => {
  it('loadConfig returns typed, defaulted and frozen values', () => {
    const tree = load({ DEMO_PORT: '8080', DEMO_ON: 'no', DEMO_HOSTS: ' x , ,y' });
    expect(tree).toEqual({
      port: 8080,
      name: 'desk',
      on: false,
      hosts: ['x', 'y'],
      wait: 900_000,
      room: 67_108_864,
      key: undefined,
      pollMs: 500,
    });
    expect(Object.isFrozen(tree)).toBe(true);
  });

  it('loadConfig takes an empty value as unset', () => {
    expect(load({ DEMO_PORT: '' }).port).toBe(3000);
  });

  it('loadConfig reports every problem at once and masks secrets', () => {
    const problems = problemsOf({ DEMO_PORT: 'lots', DEMO_ON: 'maybe', DEMO_KEY: 'hunter2' });
    expect(problems.map((problem) => problem.key)).toEqual(['DEMO_PORT', 'DEMO_ON', 'DEMO_KEY']);
    expect(problems[0]).toMatchObject({ seen: 'lots', expected: 'a whole number from 1 to 65535' });
    expect(problems[2]!.seen).toBe('[secret, 7 bytes]');
    expect(new ConfigError(problems).message).not.toContain('hunter2');
  });

  it('loadConfig refuses a missing secret in production only', () => {
    expect(problemsOf({ NODE_ENV: 'production' })).toEqual([
      { key: 'DEMO_KEY', seen: 'nothing', expected: 'required in production: Key' },
    ]);
    expect(load({ NODE_ENV: 'development' }).key).toBeUndefined();
  });

  it.each([
    'change-me-change-me-change-me-change-me',
    'CHANGEME_0123456789_abcdefghijklmnopqrst',
    'your-secret-key-of-at-least-32-characters',
    'this is an example of a jwt secret, 2026',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'abababababababababababababababababababab',
  ])('loadConfig refuses the placeholder %s as a secret', (value) => {
    const slice = configSlice('s', { key: env('S_KEY', secret(32), 'A key', { secret: true }) });
    expect(() => slice.read({ S_KEY: value })).toThrow('a random secret, not a placeholder');
  });

  it('loadConfig accepts random secrets of every form', () => {
    const slice = configSlice('s', { key: env('S_KEY', secret(32), 'A key', { secret: true }) });
    for (let n = 0; n < 2_000; n++)
      for (const encoding of ['base64', 'base64url', 'hex'] as const)
        expect(slice.read({ S_KEY: randomBytes(32).toString(encoding) }).key).toBeDefined();
  });

  it('loadConfig counts 32 hexadecimal characters as 16 bytes of secret', () => {
    expect(strengthInBytes('00112233445566778899aabbccddeeff')).toBe(16);
    expect(problemsOf({ DEMO_KEY: '00112233445566778899aabbccddeeff' })).toHaveLength(1);
  });

  it.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['15 m', 900_000],
    ['12h', 43_200_000],
    ['2d', 172_800_000],
  ])('loadConfig reads the duration %s as %d ms', (written, ms) => {
    const wait = configSlice('demo', { wait: env('DEMO_WAIT', duration('1s', '0ms', '2d'), 'Wait') });
    expect(wait.read({ DEMO_WAIT: written })).toEqual({ wait: ms });
    expect(wait.settings.wait.write(ms)).toBe(written.replace(' ', ''));
  });

  it.each(['900000', '15', '1.5h', 'm15', '15M', '-1s', '500ms', '3d', '1h30m'])(
    'refuses the duration %s and names form and range',
    (written) => {
      expect(problemsOf({ DEMO_WAIT_TIMEOUT: written })).toEqual([
        {
          key: 'DEMO_WAIT_TIMEOUT',
          seen: written,
          expected: 'a duration such as 500ms, 30s, 15m, 12h or 30d, from 1s to 2d',
        },
      ]);
    },
  );

  it('loadConfig reads sizes in bytes and refuses those without a unit', () => {
    expect(load({ DEMO_MAX_ROOM: '2KiB' }).room).toBe(2_048);
    expect(problemsOf({ DEMO_MAX_ROOM: '2048' })[0]!.expected).toBe(
      'a size such as 512KiB, 64MiB or 1GiB, from 1KiB to 1GiB',
    );
  });

  it('internals have their constant in any environment, and a test may override them', () => {
    expect(loadConfig([slice], {}, [slice.with({ pollMs: 20 })])['demo']).toMatchObject({ pollMs: 20 });
    expect(problemsOf({ DEMO_POLL_MS: '20' })[0]!.key).toBe('DEMO_POLL_MS');
    expect(() => loadConfig([slice], {}, [{ slice: 'demo', values: { pull: 1 } }])).toThrow(
      'demo has no internal pull',
    );
  });
});

describe('a key that no slice declares', () => {
  it.each([
    ['DEMO_PROT', 'did you mean DEMO_PORT?'],
    ['DEMO_NAME_OF_DESK', 'did you mean DEMO_NAME?'],
    ['DEMO_MAX', 'did you mean DEMO_MAX_ROOM?'],
    ['DEMO_ZZZZZZZZZZ', 'remove it; `deskwire config example` lists every setting'],
    ['DEMO_PATIENCE_MS', 'renamed to DEMO_WAIT_TIMEOUT, a duration such as 500ms, 30s, 15m, 12h or 30d'],
  ])('%s is a problem: %s', (key, expected) => {
    expect(problemsOf({ [key]: 'hunter2' })).toEqual([{ key, seen: 'no such setting', expected }]);
  });

  it.each([
    'PATH',
    'OTHER_PORT',
    'DEMO',
    'DEMO_SERVICE_HOST',
    'DEMO_SERVICE_PORT_HTTP',
    'DEMO_PORT_3000_TCP_ADDR',
    'NODE_OPTIONS',
  ])('%s belongs to another program and is ignored', (key) => {
    expect(load({ [key]: 'x' }).port).toBe(3000);
  });

  it('a key that no slice declares is ignored while its value is empty', () => {
    expect(load({ DEMO_PROT: '' }).port).toBe(3000);
  });

  it('a key without a slice is found only in a whole tree, because another slice may own it', () => {
    expect(slice.read({ DEMO_PROT: '80' }).port).toBe(3000);
  });
});

describe('a check of settings that must fit each other', () => {
  const bounds = configSlice(
    'bounds',
    { low: env('BOUNDS_LOW', integer(1, 0, 9), 'Low'), high: env('BOUNDS_HIGH', integer(5, 0, 9), 'High') },
    { gap: 2 },
    ({ low, high, gap }) =>
      low + gap <= high ? [] : [{ key: 'BOUNDS_LOW', seen: String(low), expected: `at most ${high - gap}` }],
  );
  const problems = (environment: Record<string, string>) => {
    try {
      loadConfig([bounds], environment);
      return [];
    } catch (error) {
      return (error as ConfigError).problems;
    }
  };

  it('a failed check of settings that depend on each other is reported, with the internals of the slice', () => {
    expect(problems({})).toEqual([]);
    expect(problems({ BOUNDS_LOW: '4' })).toEqual([{ key: 'BOUNDS_LOW', seen: '4', expected: 'at most 3' }]);
    expect(() => bounds.read({ BOUNDS_LOW: '4' })).toThrow(ConfigError);
  });

  it('a check of settings that depend on each other does not run when one of them is wrong', () => {
    expect(problems({ BOUNDS_LOW: '4', BOUNDS_HIGH: 'many' }).map(({ key }) => key)).toEqual(['BOUNDS_HIGH']);
  });
});

describe('Secret', () => {
  it('Secret prints as [secret] in string, JSON and inspect forms', () => {
    const value = new Secret('hunter2');
    expect(
      [String(value), `${value}`, JSON.stringify({ value }), inspect(value), inspect({ value })].join(),
    ).not.toContain('hunter2');
    expect(value.reveal()).toBe('hunter2');
  });
});
