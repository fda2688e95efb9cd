import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listenFailure } from '../../apps/cli/listen-failure.js';
import { CommandLine } from './command-line.fixture.js';

/**
 * Makes a folder in which nobody can write, including root. @returns a function that undoes it, or undefined if this
 * user cannot make one
 */
function makeReadOnly(path: string): (() => void) | undefined {
  mkdirSync(path);
  if (process.getuid?.() !== 0) {
    chmodSync(path, 0o555);
    return () => chmodSync(path, 0o755);
  }
  try {
    execFileSync('/bin/mount', ['-t', 'tmpfs', '-o', 'ro,mode=0755', 'tmpfs', path], { stdio: 'ignore' });
    return () => execFileSync('/bin/umount', [path]);
  } catch {
    return undefined;
  }
}

describe('a command in an environment that does not allow it to run', () => {
  let folder: CommandLine;
  beforeAll(() => {
    folder = new CommandLine();
  });
  afterAll(() => folder.remove());

  it('a command exits with 73 and an instruction when the home is a file', async () => {
    const home = join(folder.home, 'a-file');
    writeFileSync(home, '');
    const run = folder.run(['config', 'check'], { DESKWIRE_HOME: home });
    expect(await run.exit).toBe(73);
    expect(run.stderr).toContain(`DESKWIRE_HOME (${home}) cannot be used: it is a file.`);
    expect(run.stderr).toContain('or set DESKWIRE_HOME to a folder that can be written.');
  });

  it('a command exits with 73 when the home is below a file', async () => {
    writeFileSync(join(folder.home, 'another-file'), '');
    const run = folder.run(['config', 'check'], { DESKWIRE_HOME: join(folder.home, 'another-file', 'home') });
    expect(await run.exit).toBe(73);
    expect(run.stderr).toContain('a part of the path is a file');
  });

  it('a command exits with 73 when the home is read-only, and leaves nothing in it', async () => {
    const home = join(folder.home, 'read-only');
    const undo = makeReadOnly(home);
    if (undo === undefined) return; // Neither a mount nor permissions stop this user.
    try {
      const run = folder.run(['config', 'check'], { DESKWIRE_HOME: home });
      expect(await run.exit).toBe(73);
      expect(run.stderr).toMatch(/cannot be used: (the file system is read-only|permission denied)\./);
      expect(existsSync(join(home, 'secrets.json'))).toBe(false);
    } finally {
      undo();
    }
  });

  it('a command exits with 78 when HOST is not an address of this machine', async () => {
    const run = folder.run(['config', 'check'], { HOST: '203.0.113.1', PORT: '0' });
    expect(await run.exit).toBe(78);
    expect(run.stderr).toContain('HOST=203.0.113.1 is not an address of this machine.');
  });

  const HS256 = 'a-shared-secret-of-more-than-32-bytes-that-nobody-has';
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const PRIVATE = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const PUBLIC = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const verify = (alg: string, key: string) => ({ JWT_VERIFY_KEYS: JSON.stringify([{ alg, key }]) });
  const misfits: [string, string, Record<string, string>][] = [
    [
      'a shared secret for RS256',
      'must be a PEM private key for RS256',
      { JWT_SECRET_KEY: HS256, JWT_ALGORITHM: 'RS256' },
    ],
    ['a PEM key for HS256', 'is a PEM key, which is not a secret for HS256', { JWT_SECRET_KEY: PRIVATE }],
    ['a public key to sign with', 'must be a PEM private key', { JWT_SECRET_KEY: PUBLIC, JWT_ALGORITHM: 'RS256' }],
    ['an RSA key for ES256', 'is not a key for ES256', { JWT_SECRET_KEY: PRIVATE, JWT_ALGORITHM: 'ES256' }],
    ['a further key that does not fit', 'JWT_VERIFY_KEYS[0] is not a key for EdDSA', verify('EdDSA', PUBLIC)],
  ];

  it.each(misfits)('config check and serve exit with 78 for %s, and print no key', async (_, message, env) => {
    for (const command of [['config', 'check'], ['serve']]) {
      const run = folder.run(command, { PORT: '0', ...env });
      expect(await run.exit).toBe(78);
      expect(run.stderr.replace(/\s+/g, ' ')).toContain(message);
      expect(run.stderr).not.toContain(HS256);
      expect(run.stderr).not.toContain(PRIVATE.split('\n')[1]);
    }
    expect(existsSync(join(folder.home, 'postgres'))).toBe(false);
  });

  it('config check accepts keys that fit their algorithms', async () => {
    const run = folder.run(['config', 'check'], {
      ...{ PORT: '0', JWT_SECRET_KEY: PRIVATE.replaceAll('\n', '\\n'), JWT_ALGORITHM: 'RS256' },
      ...verify('HS256', HS256),
    });
    expect(await run.exit).toBe(0);
  });

  it('a taken port, which may be that of a running desk, is reported with exit code 0', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const run = folder.run(['config', 'check'], { PORT: String(port) });
    expect(await run.exit).toBe(0);
    expect(run.stdout).toContain(`Port ${port} of 127.0.0.1 is taken by another program.`);
    await new Promise((resolve) => server.close(resolve));
  });

  it('a command exits with 78 when the port needs a permission', () => {
    const error = Object.assign(new Error('listen EACCES'), { code: 'EACCES' });
    expect(listenFailure(error, { host: '0.0.0.0', port: 80 })).toMatchObject({
      exitCode: 78,
      message: expect.stringContaining('PORT=80 needs a permission that this process does not have'),
    });
  });

  it('a command exits with 78 when a secret is a placeholder, and does not show it', async () => {
    const run = folder.run(['config', 'check'], { JWT_SECRET_KEY: 'change-me-change-me-change-me-change-me' });
    expect(await run.exit).toBe(78);
    expect(run.stderr).toMatch(/JWT_SECRET_KEY\s+\[secret, 39 bytes\]\s+a random secret, not a placeholder/);
    expect(run.stderr).not.toContain('change-me');
  });
});
