#!/usr/bin/env node
import { deskwire } from './program.js';

await deskwire().parseAsync(process.argv);
