import { startTestApp, type TestApp } from '../setup/test-app.js';

const ID = '01890000-0000-7000-8000-000000000000';
/** Query parameters without which a list is refused before its cursor is read. */
const REQUIRED: Record<string, string> = {
  '/v1/quotes': 'broker=zerodha&',
  '/v1/instruments/expiries': 'underlying=NIFTY&',
  '/v1/instruments/chain': 'underlying=NIFTY&broker=zerodha&',
};

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const WRONG = [
  ['empty', 'cursor='],
  ['given without a value', 'cursor'],
  ['given twice', `cursor=${encoded(ID)}&cursor=${encoded(ID)}`],
  ['not base64url', 'cursor=%25%25'],
  ['not JSON', `cursor=${Buffer.from('{').toString('base64url')}`],
  ['of another shape', `cursor=${encoded({ id: ID })}`],
  ['text that PostgreSQL refuses', `cursor=${encoded('\0')}`],
  ['longer than any cursor', `cursor=${'a'.repeat(9_000)}`],
] as const;

describe('A malformed cursor', () => {
  let desk: TestApp;
  let token: string;
  let lists: string[];

  beforeAll(async () => {
    desk = await startTestApp();
    ({ token } = await desk.login('admin'));
    const { body } = await desk.request('GET', '/openapi.json');
    lists = Object.entries<any>(body.paths)
      .filter(([, { get }]) => get?.parameters?.some(({ name }: { name: string }) => name === 'cursor'))
      .map(([path]) => path);
  });

  afterAll(() => desk.close());

  it.each(WRONG)('a cursor that is %s gets the same 400 on every list route', async (_what, query) => {
    const answers = await Promise.all(
      lists.map(async (path) => {
        const url = `${path.replace(/\{\w+\}/g, ID)}?${REQUIRED[path] ?? ''}${query}`;
        const { status, body } = await desk.request('GET', url, { token });
        const { correlationId: _id, ...problem } = body;
        return { path, status, problem };
      }),
    );
    const problem = answers[0]?.problem;
    expect(answers).toEqual(lists.map((path) => ({ path, status: 400, problem })));
    expect(problem).toMatchObject({
      code: 'REQUEST_INVALID',
      errors: [{ field: 'cursor', allowed: 'the nextCursor of a page of the same list' }],
    });
  });

  it('every list route of the document is tested with a malformed cursor', () => {
    expect(lists.length).toBeGreaterThan(12);
    expect(lists).toEqual(expect.arrayContaining(['/v1/alert-rules', '/v1/events', '/v1/webhooks/{id}/deliveries']));
  });
});
