// Lets a child process of a test run the sources as they are, with no build: `node --import` this file.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';
import { transform } from '@swc/core';

const jsc = {
  target: 'es2022',
  parser: { syntax: 'typescript', decorators: true },
  transform: { legacyDecorator: true, decoratorMetadata: true },
  keepClassNames: true,
};

// On the thread of the hooks this file is loaded once more, as the hooks.
if (isMainThread) register(import.meta.url);

export function resolve(specifier, context, next) {
  const source = /^\.{1,2}\//.test(specifier) && new URL(specifier.replace(/\.js$/, '.ts'), context.parentURL);
  if (source && existsSync(source)) return { url: source.href, format: 'module', shortCircuit: true };
  return next(specifier, { ...context, conditions: ['deskwire-source', ...context.conditions] });
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const filename = fileURLToPath(url);
  const { code } = await transform(await readFile(filename, 'utf8'), {
    filename,
    jsc,
    module: { type: 'es6' },
    sourceMaps: 'inline',
  });
  return { format: 'module', source: code, shortCircuit: true };
}
