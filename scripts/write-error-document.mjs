// Writes docs/errors.md from the catalogue of errors, after a build: `npm run docs:errors`.
import { writeFileSync } from 'node:fs';
import '../dist/apps/api/app.module.js'; // loads every lib, and with it every catalogue
import { errorDocument } from '../dist/apps/api/error-document.js';

writeFileSync('docs/errors.md', errorDocument());
