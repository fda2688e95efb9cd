import { readFileSync } from 'node:fs';
import { errorCatalogue, statusOfKind } from '#errors';
import { errorDocument } from '../../apps/api/error-document.js';
import { startTestApp, type TestApp } from '../setup/test-app.js';

describe('the documents of errors', () => {
  let desk: TestApp;
  let api: any;

  beforeAll(async () => {
    desk = await startTestApp();
    api = (await desk.request('GET', '/openapi.json')).body;
  });
  afterAll(() => desk.close());

  const documented = () =>
    Object.values<any>(api.paths).flatMap((operations) =>
      Object.values<any>(operations).flatMap(({ responses }) =>
        Object.entries<any>(responses).flatMap(([status, { content }]) =>
          ((content?.['application/problem+json']?.schema.allOf?.[1].properties.code.enum ?? []) as string[]).map(
            (code) => ({ code, status: Number(status) }),
          ),
        ),
      ),
    );

  it('docs/errors.md lists every code with meaning and fix, and no other code', () => {
    expect(readFileSync('docs/errors.md', 'utf8')).toBe(errorDocument());
  });

  it('the OpenAPI document names only codes that exist, each under its status', () => {
    const statuses = new Map(errorCatalogue().map(([code, { kind }]) => [code, statusOfKind(kind)]));
    const found = documented();
    expect(found.length).toBeGreaterThan(500);
    expect(found.filter(({ code, status }) => statuses.get(code) !== status)).toEqual([]);
  });

  it('every error code in the docs exists', () => {
    const known = new Set(errorCatalogue().map(([code]) => code));
    const libs = new Set([...known].map((code) => code.slice(0, code.indexOf('_'))));
    const pages = ['alerts', 'dashboard', 'deliveries', 'feeds', 'filings', 'import-instruments', 'operations', 'run'];
    const unknown = pages.flatMap((page) =>
      [...readFileSync(`docs/${page}.md`, 'utf8').matchAll(/`([A-Z]+)(_[A-Z_]+)`/g)]
        .filter(([, lib]) => libs.has(lib!))
        .map(([, lib, rest]) => lib! + rest!)
        .filter((code) => !known.has(code) && !readFileSync('.env.example', 'utf8').includes(code)),
    );
    expect(unknown).toEqual([]);
  });
});
