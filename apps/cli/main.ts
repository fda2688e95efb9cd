#!/usr/bin/env node
import module from 'node:module';
import { fileURLToPath } from 'node:url';
import { requireNodeVersion } from './node-version.js';

requireNodeVersion();
// Caches compiled code, which spares a start half a second. The cache is in the package's own folder, because every user
// can write to a shared /tmp. In a read-only folder nothing is cached.
module.enableCompileCache?.(fileURLToPath(import.meta.resolve('../../../node_modules/.cache/deskwire')));

const { runCommandLine } = await import('./program.js');
process.exitCode = await runCommandLine(process.argv.slice(2));
