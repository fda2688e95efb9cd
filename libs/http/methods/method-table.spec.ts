import { MethodTable } from './method-table.js';

describe('The methods of a path', () => {
  const table = new MethodTable();
  table.add('/v1/portfolios/:id', ['GET', 'HEAD']);
  table.add('/v1/portfolios/:id', ['DELETE']);
  table.add('/v1/portfolios/snapshots', ['POST']);
  table.add('/docs/*', ['GET']);

  it('The methods of a path are those of every template that matches it', () => {
    expect(table.methodsOf('/v1/portfolios/7')).toEqual(['DELETE', 'GET', 'HEAD']);
    expect(table.methodsOf('/v1/portfolios/snapshots')).toEqual(['DELETE', 'GET', 'HEAD', 'POST']);
  });

  it.each([['/v1/portfolios/'], ['/v1/portfolios'], ['/v1/portfolios/7/x'], ['/docs/a'], ['/'.repeat(10_000)]])(
    'are none for %.20s',
    (path) => {
      expect(table.methodsOf(path)).toEqual([]);
    },
  );
});
