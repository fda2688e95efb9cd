// Writes the types of @deskwire/client from the schemas of the server: `npm run generate -w @deskwire/client`. The server starts from
// its sources without a database, which its documents do not need. With --check nothing is written: exit code 1 says that they are stale.
import { readFileSync, writeFileSync } from 'node:fs';
import { startApp } from '../apps/api/start-app.ts';
import { testEnvironment } from '../test/setup/test-environment.ts';
import { GENERATED, typesOf } from '../clients/typescript/scripts/openapi-types.mjs';

const { url } = await startApp(testEnvironment('postgres://nobody@127.0.0.1:1/none'));
const response = await fetch(`${url}/openapi.json`);
if (!response.ok) throw new Error(`/openapi.json answered ${response.status}: ${await response.text()}`);
const types = await typesOf(await response.json());
if (process.argv.includes('--check')) process.exit(types === readFileSync(GENERATED, 'utf8') ? 0 : 1);
writeFileSync(GENERATED, types);
process.exit(0);
