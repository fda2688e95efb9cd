import { createDesk, type DeskErrorCode, type PanelName } from './index.js';
import { FakeDesk } from './testing/index.js';

/** Is a compile error unless both types are the same. */
type Same<One, Other> = [One] extends [Other] ? ([Other] extends [One] ? true : false) : false;
const holds = <_ extends true>() => undefined;

describe('types of the client', () => {
  const fake = new FakeDesk();
  const desk = createDesk(fake.options);
  afterAll(() => desk.close());

  // The bodies are compiled and never run.
  it('calls are typed by the API', () => {
    const compiled = async () => {
      const page = await desk.get('/v1/alerts', { query: { limit: 10 } });
      holds<Same<typeof page.nextCursor, string | null>>();
      holds<Same<(typeof page.items)[number]['severity'], 'info' | 'warning' | 'critical'>>();
      await desk.delete('/v1/webhooks/{id}', { params: { id: 'x' } });
      holds<Same<Awaited<ReturnType<typeof signOut>>, undefined>>();
      // @ts-expect-error a path that the API does not have
      await desk.get('/v1/alert');
      // @ts-expect-error a method that the path does not have
      await desk.patch('/v1/alerts');
      // @ts-expect-error a path parameter is missing
      await desk.get('/v1/portfolios/{id}');
      // @ts-expect-error a filter that the list does not have
      await desk.get('/v1/alerts', { query: { severities: 'x' } });
      // @ts-expect-error a severity that does not exist
      await desk.get('/v1/alerts', { query: { severity: 'fatal' } });
      await desk.get('/v1/events', { query: { type: ['NewsPublished'], sort: 'occurredAt' } });
      // @ts-expect-error a type of event that does not exist
      await desk.get('/v1/events', { query: { type: ['NewsPublishd'] } });
      // @ts-expect-error an order that the list does not have
      await desk.get('/v1/portfolios', { query: { sort: '-value' } });
      // @ts-expect-error a body without its required members
      await desk.post('/v1/auth/login', { body: { email: 'x' } });
      const alerts = desk.pages('/v1/alerts');
      holds<Same<typeof alerts, AsyncIterable<(typeof page.items)[number]>>>();
      void page;
      void alerts;
      // @ts-expect-error a parameter that the path does not have
      desk.pages('/v1/feeds/{id}/cycles', {}, { params: { name: 'x' } });
      // @ts-expect-error not a list
      desk.pages('/v1/auth/me');
    };
    const signOut = () => desk.post('/v1/auth/logout');
    expect([signOut, compiled]).toHaveLength(2);
  });

  it('the codes of problems are typed', () => {
    const codes: DeskErrorCode[] = ['CLIENT_UNREACHABLE', 'AUTH_UNAUTHENTICATED', 'THROTTLING_LIMITED'];
    // @ts-expect-error a code that no desk answers
    const wrong: DeskErrorCode = 'AUTH_UNAUTHENTICATE';
    expect([...codes, wrong]).toHaveLength(4);
  });

  it('a watch is typed by its panels', () => {
    const compiled = () => {
      const live = desk.watch({ portfolios: { limit: 10 }, system: {} });
      const { panels } = live.current;
      holds<
        Same<
          typeof panels.portfolios extends { rows: Record<string, { value: infer V }> } | undefined ? V : never,
          string | null
        >
      >();
      holds<Same<keyof typeof panels, 'portfolios' | 'system'>>();
      // @ts-expect-error not a panel of this watch
      void panels.alerts;
      // @ts-expect-error a panel that does not exist
      desk.watch({ portfolios: {}, portfolio: {} });
      // @ts-expect-error a parameter that the panel does not have
      desk.watch({ portfolios: { limits: 3 } });
      // @ts-expect-error a value that the parameter does not have
      desk.watch({ portfolios: { sort: 'cash' } });
    };
    const name: PanelName = 'positions';
    expect([name, compiled]).toHaveLength(2);
  });
});
