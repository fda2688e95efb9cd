// Writes docs/metrics.md from the catalogue of metrics, after a build: `npm run docs:metrics`.
import { writeFileSync } from 'node:fs';
import '../dist/apps/api/app.module.js'; // loads every lib, and with it every declaration
import { metricDocument } from '../dist/apps/api/metric-document.js';

writeFileSync('docs/metrics.md', metricDocument());
