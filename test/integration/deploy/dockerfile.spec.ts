import { existsSync, readFileSync } from 'node:fs';
import { matchesGlob } from 'node:path';

const text = readFileSync('deploy/Dockerfile', 'utf8');
const instructions = text
  .replace(/^#.*\n/gm, '')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => [line.split(' ', 1)[0]!, line.slice(line.indexOf(' ') + 1)] as const);
const last = instructions.slice(instructions.findLastIndex(([name]) => name === 'FROM'));
const of = (name: string) => last.filter(([instruction]) => instruction === name).map(([, rest]) => rest);
const ignored = readFileSync('.dockerignore', 'utf8').trim().split('\n');
const { dependencies, engines } = JSON.parse(readFileSync('package.json', 'utf8'));

describe('the Dockerfile', () => {
  it('the image is built in stages, and the last one has the product and the packages that it needs only', () => {
    const stages = instructions.filter(([name]) => name === 'FROM').map(([, rest]) => / AS (\w+)$/.exec(rest)?.[1]);
    expect(stages).toEqual(['build', 'packages', undefined]);
    expect(of('RUN').filter((command) => /npm|apt/.test(command))).toEqual([]);
    expect(text).toContain('npm ci --omit=dev');
    const copied = of('COPY');
    for (const stage of ['build', 'packages']) expect(copied.join('\n')).toContain(`--from=${stage} /app/`);
  });

  it('files that the Dockerfile copies exist and are in the build context', () => {
    const sources = instructions
      .filter(([name, rest]) => name === 'COPY' && !rest.startsWith('--from'))
      .flatMap(([, rest]) => rest.split(' ').slice(0, -1));
    expect(sources.length).toBeGreaterThan(4);
    for (const source of sources) {
      expect({ source, exists: existsSync(source) }).toEqual({ source, exists: true });
      expect(ignored.some((pattern) => matchesGlob(source, pattern))).toBe(false);
    }
  });

  it('the build context has what the build reads, and neither secrets nor what the build makes', () => {
    for (const name of ['.env', 'node_modules', 'dist', '.git', '.deskwire']) expect(ignored).toContain(name);
    for (const name of ['apps', 'libs', 'migrations', 'scripts', 'nest-cli.json', 'tsconfig.json'])
      expect(ignored).not.toContain(name);
  });

  it('the image runs the product as an unprivileged user given as a number, and receives SIGTERM', () => {
    expect(of('USER')).toEqual(['1000:1000']);
    expect(JSON.parse(of('ENTRYPOINT')[0]!)).toEqual(['node', 'dist/bundle/deskwire.js']);
    expect(JSON.parse(of('CMD')[0]!)).toEqual(['serve']);
    expect(of('STOPSIGNAL')).toEqual(['SIGTERM']);
    expect(existsSync('apps/cli/main.ts')).toBe(true);
  });

  it('the image has the Node.js version that the product is tested with', () => {
    const major = /\d+/.exec(dependencies.node)![0];
    const images = instructions.filter(([name]) => name === 'FROM').map(([, rest]) => rest.split(' ')[0]);
    expect(new Set(images)).toEqual(new Set([`node:${major}-slim`]));
    expect(Number(major)).toBeGreaterThanOrEqual(Number(/\d+/.exec(engines.node)![0]));
  });

  it('the health check of the image asks whether the process is ready', () => {
    const [check] = of('HEALTHCHECK');
    expect(check).toContain('/health/ready');
    expect(JSON.parse(check!.slice(check!.indexOf('CMD ') + 4))).toEqual(['node', '-e', expect.any(String)]);
  });
});
