// Writes the types of @deskwire/client from the schemas of the server: `npm run generate -w @deskwire/client`. The server starts from
// its sources without a database, which its documents do not need.
import { writeFileSync } from 'node:fs';
import { startApp } from '../apps/api/start-app.ts';
import { testEnvironment } from '../test/setup/test-environment.ts';
import { GENERATED, typesOf } from '../clients/typescript/scripts/openapi-types.mjs';

const { url } = await startApp(testEnvironment('postgres://nobody@127.0.0.1:1/none'));
const response = await fetch(`${url}/openapi.json`);
if (!response.ok) throw new Error(`/openapi.json answered ${response.status}: ${await response.text()}`);
writeFileSync(GENERATED, await typesOf(await response.json()));
process.exit(0);
