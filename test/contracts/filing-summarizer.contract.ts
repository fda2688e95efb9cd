import type { FilingSummarizer, SummaryCallError } from '../../libs/filings/summaries/filing-summarizer.js';
import { modelServer, type ModelServer } from '../integration/filings/model-server.fixture.js';

export interface SummarizerUnderContract {
  provider: string;
  make(origin: string): FilingSummarizer;
  /** Where the question must be, in the body of the call. */
  sent(body: string): {
    instructions: string | undefined;
    question: string | undefined;
    maxOutputTokens: number | undefined;
  };
  /** The header that carries the key, and its value for the key `k-123`. */
  key: readonly [header: string, value: string];
}

const QUESTION = { instructions: 'Be short.', question: 'What does "<it>" say?\n\u6f22', maxOutputTokens: 123 };

/** What every adapter of FilingSummarizer promises. */
export function filingSummarizerContract({ provider, make, sent, key }: SummarizerUnderContract): void {
  describe(`the summarizer of ${provider}`, () => {
    let server: ModelServer;
    let summarizer: FilingSummarizer;
    const ask = (signal = AbortSignal.timeout(20_000)) => summarizer.summarise(QUESTION, signal);
    const failure = (promise: Promise<unknown>): Promise<SummaryCallError> =>
      promise.then(
        () => Promise.reject(new Error('it did not fail')),
        (error: unknown) => error as SummaryCallError,
      );

    beforeAll(async () => {
      server = await modelServer();
      summarizer = make(server.origin);
    });
    afterAll(() => server.close());
    beforeEach(() => server.calls.splice(0));

    it('sends instructions and question apart, with the bound of the answer and the key, in one call', async () => {
      server.behave({ kind: 'answer', text: 'Yes.', tokensIn: 321, tokensOut: 7 });
      expect(await ask()).toEqual({ outcome: 'answered', text: 'Yes.', tokensIn: 321, tokensOut: 7 });
      expect(server.calls.map(({ body }) => sent(body))).toEqual([QUESTION]);
      expect(server.calls[0]?.headers[key[0]]).toBe(key[1]);
    });

    it('a summarizer returns null tokens when the provider reports none', async () => {
      server.behave({ kind: 'answer', text: 'Yes.', withoutUsage: true });
      expect(await ask()).toMatchObject({ outcome: 'answered', tokensIn: null, tokensOut: null });
    });

    it.each(['refusal', 'blocked'] as const)(
      'a summarizer recognises a refusal (%s), with its tokens',
      async (kind) => {
        server.behave({ kind });
        expect(await ask()).toMatchObject({ outcome: 'refused', tokensIn: 100 });
      },
    );

    it('a summarizer recognises an empty answer', async () => {
      server.behave({ kind: 'answer', text: '' });
      expect(await ask()).toMatchObject({ outcome: 'empty' });
    });

    it('passes on how long to wait at 429, after one call only, which cost nothing', async () => {
      server.behave({ kind: 'status', status: 429, headers: { 'retry-after': '7' } });
      expect(await failure(ask())).toMatchObject({
        name: 'SummaryCallError',
        errorClass: 'rate-limited',
        retryAfterMs: 7_000,
        mayCost: false,
      });
      expect(server.calls).toHaveLength(1);
    });

    it('reads a Retry-After that is a date', async () => {
      server.behave({
        kind: 'status',
        status: 429,
        headers: { 'retry-after': new Date(Date.now() + 60_000).toUTCString() },
      });
      const { retryAfterMs } = await failure(ask());
      expect(retryAfterMs).toBeGreaterThan(50_000);
      expect(retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    it.each([
      [500, 'server'],
      [503, 'server'],
      [401, 'client'],
      [400, 'client'],
    ])('a summarizer reports the status %d as %s', async (status, errorClass) => {
      server.behave({ kind: 'status', status });
      expect(await failure(ask())).toMatchObject({ errorClass, mayCost: false });
    });

    it('an answer that is not JSON is a failure of the provider, which may be charged', async () => {
      server.behave({ kind: 'malformed' });
      expect(await failure(ask())).toMatchObject({ errorClass: 'server', mayCost: true });
    });

    it('a broken connection is a failure of the provider, which may be charged', async () => {
      server.behave({ kind: 'hangs-up' });
      expect(await failure(ask())).toMatchObject({ errorClass: 'server', mayCost: true });
    });

    it('a summarizer ends when its signal aborts, and then the call may be charged', async () => {
      server.behave({ kind: 'hangs' });
      expect(await failure(ask(AbortSignal.timeout(100)))).toMatchObject({ errorClass: 'timeout', mayCost: true });
    });

    it('a summarizer reports an absent server', async () => {
      const gone = await modelServer();
      await gone.close();
      expect(await failure(make(gone.origin).summarise(QUESTION, AbortSignal.timeout(5_000)))).toMatchObject({
        errorClass: 'refused',
        mayCost: false,
      });
    });

    it('puts neither key nor question into its errors', async () => {
      server.behave({ kind: 'status', status: 400 });
      const error = await failure(ask());
      expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)} ${error.stack}`).not.toMatch(
        /k-123|Be short|What does/,
      );
    });
  });
}
