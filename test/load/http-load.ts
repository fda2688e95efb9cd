import autocannon from 'autocannon';

/** One request of a load. */
export interface LoadRequest {
  method: 'GET' | 'POST' | 'PUT';
  path: string;
  token: string;
  body?: object;
  /** Called when it is answered, with 2xx or not. */
  answered?: (ok: boolean) => void;
}

export interface HttpResult {
  requests: number;
  failures: number;
  /** Durations of the answered requests, in ms. */
  times: number[];
}

/** Connections to a process, at most half as many more. */
const CONNECTIONS = 32;

/** Sends requests at a fixed rate to each of some processes in equal shares, by autocannon. */
export class HttpLoad {
  /** Called for each answer, with its duration in ms. */
  constructor(
    private readonly urls: readonly string[],
    private readonly onAnswer: (ms: number, ok: boolean) => void = () => undefined,
  ) {}

  async run(perSecond: number, seconds: number, next: () => LoadRequest): Promise<HttpResult> {
    if (perSecond <= 0) return { requests: 0, failures: 0, times: [] };
    const share = perSecond / this.urls.length;
    const results = await Promise.all(this.urls.map((url) => this.cannon(url, share, seconds, next)));
    return {
      requests: results.reduce((sum, { requests }) => sum + requests, 0),
      failures: results.reduce((sum, { failures }) => sum + failures, 0),
      times: results.flatMap(({ times }) => times),
    };
  }

  private async cannon(url: string, perSecond: number, seconds: number, next: () => LoadRequest): Promise<HttpResult> {
    const amount = Math.max(1, Math.round(perSecond * seconds));
    // Autocannon gives each connection the same number of requests, so all of them need the same rate to end together.
    const connectionRate = Math.max(1, Math.round(perSecond / CONNECTIONS));
    const connections = Math.min(amount, Math.max(1, Math.round(perSecond / connectionRate)));
    const times: number[] = [];
    let failures = 0;
    const { errors } = await new Promise<autocannon.Result>((resolve, reject) => {
      const instance = autocannon(
        {
          ...{ url, amount, connections, connectionRate, timeout: 60 },
          requests: [
            {
              setupRequest: (request, context) => {
                const { method, path, token, body, answered } = next();
                Object.assign(context, { answered });
                const headers = {
                  authorization: `Bearer ${token}`,
                  ...(body && { 'content-type': 'application/json' }),
                };
                return { ...request, method, path, headers, ...(body && { body: JSON.stringify(body) }) };
              },
              onResponse: (status, _body, context) =>
                (context as LoadRequest).answered?.(status >= 200 && status < 300),
            },
          ],
        },
        (error: Error | null, result) => (error ? reject(error) : resolve(result)),
      );
      instance.on('response', (_client, status, _bytes, ms) => {
        const ok = status >= 200 && status < 300;
        if (!ok) failures += 1;
        times.push(ms);
        this.onAnswer(ms, ok);
      });
    });
    return { requests: times.length + errors, failures: failures + errors, times };
  }
}
