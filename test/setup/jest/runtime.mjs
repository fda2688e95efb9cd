// Jest's `runtime` without its virtual machine: suites are native ES modules of the worker's own process, like the
// product. A worker evaluates the module graph once for all suites (Jest's own runtime takes a second per suite), and
// global names resolve at full speed. As a consequence, suites share module state and `jest.mock` does not exist.
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { sourceMaps } from '../typescript-hooks.mjs';
import { startCounting, takeCounts } from './coverage.mjs';

const require = createRequire(import.meta.url);
const globalsOf = 'data:text/javascript,export const { jest } = globalThis[Symbol.for("deskwire.jest")];';
let suites = 0;

// Worker threads take the options of this process, so they run the sources, too. Those of its heap (jest.config.mjs) are not
// for them: a thread refuses them, and one with a small heap would end the process.
process.execArgv = [
  ...process.execArgv.filter((option) => !option.includes('-semi-space-size=')),
  ...['--import', new URL('../typescript-hooks.mjs', import.meta.url).href],
];
for (const option of ['--min-semi-space-size=0', '--max-semi-space-size=0']) setFlagsFromString(option);

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@jest/globals' ? { url: globalsOf, format: 'module', shortCircuit: true } : next(specifier, context),
});

export default class Runtime {
  constructor(config, environment, _resolver, _transformer, _cacheFS, _coverage, testPath) {
    this.environment = environment;
    this.testPath = testPath;
    suites += 1;
  }

  /** Jest's own parts. The framework keeps the state of one suite in its module, so each suite gets a new one. */
  requireInternalModule(path) {
    delete require.cache[path];
    return require(path);
  }

  requireModule(path) {
    return require(path);
  }

  unstable_shouldLoadAsEsm() {
    return true;
  }

  unstable_importModule(path) {
    const { href } = pathToFileURL(path);
    return import(path === this.testPath ? `${href}?suite=${suites}` : href);
  }

  setGlobalsForRuntime() {}
  enterTestCode() {}
  leaveTestCode() {}
  resetModules() {}

  clearAllMocks() {
    this.environment.moduleMocker.clearAllMocks();
  }
  resetAllMocks() {
    this.environment.moduleMocker.resetAllMocks();
  }
  restoreAllMocks() {
    this.environment.moduleMocker.restoreAllMocks();
  }

  getSourceMaps() {
    return sourceMaps;
  }
  getAllCoverageInfoCopy() {
    return undefined;
  }
  collectV8Coverage() {
    startCounting();
  }
  stopCollectingV8Coverage() {
    this.counts = takeCounts();
  }
  getAllV8CoverageInfoCopy() {
    return this.counts;
  }

  teardown() {
    this.restoreAllMocks();
  }
}
