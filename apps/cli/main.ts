#!/usr/bin/env node
import module from 'node:module';
import { join } from 'node:path';
import { requireNodeVersion } from './node-version.js';

requireNodeVersion();
// Compiled code is kept: a start loads some 1,500 files, and 0.4 s of its 1.9 s were for compiling them anew. In the
// package's own folder, since what lies in a shared /tmp may be anybody's; where that cannot be written, nothing is kept.
module.enableCompileCache?.(join(import.meta.dirname, '../../../node_modules/.cache/deskwire'));

const { deskwire } = await import('./program.js');
await deskwire().parseAsync(process.argv);
