import { execFileSync } from 'node:child_process';

describe('the build of the console', () => {
  it.each(['development', 'test'])('is one for production, also where NODE_ENV is %s', (NODE_ENV) => {
    const script = `
      import { resolveConfig } from 'vite';
      const config = await resolveConfig({ configFile: 'apps/console/vite.config.ts', logLevel: 'error' }, 'build');
      process.stdout.write(String(config.isProduction));`;
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      env: { ...process.env, NODE_ENV },
      encoding: 'utf8',
    });
    expect(output).toBe('true');
  });
});
