// Lets a process run the sources without a build: `node --import` this file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire, enableCompileCache, registerHooks } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, '../..');
const cache = join(root, 'node_modules/.cache/deskwire-swc');
const options = {
  jsc: {
    target: 'es2022',
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    keepClassNames: true,
    // `import .. with { type: 'json' }`, without which Node refuses a JSON file.
    experimental: { keepImportAttributes: true },
  },
  module: { type: 'es6' },
  sourceMaps: true,
};
const salt = JSON.stringify([options, require('@swc/core/package.json').version]);
const ours = pathToFileURL(`${root}/`).href;
mkdirSync(cache, { recursive: true });
// A worker of Jest ends within half a second, which is too short to write a cache.
if (process.env.JEST_WORKER_ID === undefined) enableCompileCache(join(root, 'node_modules/.cache/deskwire-v8'));

/** Path of the compiled code of each loaded module, by the module's URL. */
export const compiledFiles = new Map();
/** Path of its source map. */
export const sourceMaps = new Map();

registerHooks({
  resolve(specifier, context, next) {
    if (specifier.startsWith('#') || specifier.startsWith('@deskwire/'))
      return next(specifier, { ...context, conditions: ['deskwire-source', ...context.conditions] });
    if (/^\.{1,2}\/.*\.js$/.test(specifier) && context.parentURL?.startsWith(ours)) {
      const source = new URL(specifier.replace(/js$/, 'ts'), context.parentURL);
      if (existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
    }
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.startsWith(ours) || !/\.ts(\?|$)/.test(url)) return next(url, context);
    return { format: 'module', source: compiled(url), shortCircuit: true };
  },
});

/** Compiles a TypeScript module to JavaScript, once per content. */
function compiled(url) {
  const file = fileURLToPath(url.replace(/\?.*$/, ''));
  const text = readFileSync(file, 'utf8');
  const kept = join(cache, createHash('sha1').update(salt).update(file).update(text).digest('hex'));
  compiledFiles.set(url, kept);
  sourceMaps.set(url, `${kept}.map`);
  try {
    return readFileSync(kept, 'utf8');
  } catch {
    const { code, map } = require('@swc/core').transformSync(text, { ...options, filename: file });
    write(`${kept}.map`, map);
    return write(kept, `${code}//# sourceMappingURL=${pathToFileURL(kept)}.map\n`);
  }
}

function write(path, text) {
  const unfinished = `${path}.${process.pid}`;
  writeFileSync(unfinished, text);
  renameSync(unfinished, path);
  return text;
}
