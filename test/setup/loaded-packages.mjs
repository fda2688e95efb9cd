// Prints the npm packages that a program has loaded when it ends, as one line of JSON on stderr: `node --import` this
// file. `bundled` are those of dist/bundle, whose code names the file of each module in a line before it;
// `compileCache` is the folder of Node's compile cache.
import { getCompileCacheDir, registerHooks } from 'node:module';

const packages = new Set();
const bundled = new Set();
registerHooks({
  load(url, context, next) {
    const [, name] = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? [];
    if (name) packages.add(name);
    const loaded = next(url, context);
    if (url.includes('/dist/bundle/'))
      for (const [, part] of String(loaded.source).matchAll(/^\/\/ node_modules\/((?:@[^/]+\/)?[^/]+)\//gm))
        bundled.add(part);
    return loaded;
  },
});
process.on('exit', () => {
  const seen = { packages: [...packages].sort(), bundled: [...bundled].sort(), compileCache: getCompileCacheDir() };
  process.stderr.write(`${JSON.stringify(seen)}\n`);
});
