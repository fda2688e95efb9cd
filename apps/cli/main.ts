#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { requireNodeVersion } from './node-version.js';

requireNodeVersion();
// Caches compiled code: a start loads some 1,500 files, and compiling them took 0.4 s of its 1.9 s. The cache is in the
// package's own folder, because every user can write to a shared /tmp. In a read-only folder nothing is cached.
module.enableCompileCache?.(join(import.meta.dirname, '../../../node_modules/.cache/deskwire'));

const { runCommandLine } = await import('./program.js');
process.exitCode = await runCommandLine(process.argv.slice(2));
