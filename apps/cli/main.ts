#!/usr/bin/env node
import module from 'node:module';
import { dirname, join } from 'node:path';
import { requireNodeVersion } from './node-version.js';

requireNodeVersion();
// Caches compiled code, which spares a start half a second. The cache is in the package's own folder, because every user
// can write to a shared /tmp. In a read-only folder nothing is cached.
module.enableCompileCache(join(dirname(module.findPackageJSON(import.meta.url)!), 'node_modules/.cache/deskwire'));

const { runCommandLine } = await import('./program.js');
process.exitCode = await runCommandLine(process.argv.slice(2));
