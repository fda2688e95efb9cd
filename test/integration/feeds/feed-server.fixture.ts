import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FeedServer {
  origin: string;
  /** `127.0.0.1:PORT`, for EGRESS_ALLOW_HOSTS or egress.allow(). */
  host: string;
  /** The requests, oldest first. */
  requests: { path: string; headers: IncomingMessage['headers']; at: number }[];
  /** Sets the answer of a path. */
  on(path: string, answer: Answer | string | Buffer): void;
  close(): Promise<void>;
}

/** A local server of feeds. */
export async function startFeedServer(): Promise<FeedServer> {
  const answers = new Map<string, Answer>();
  const requests: FeedServer['requests'] = [];
  const server = createServer((request, response) => {
    const path = request.url!.split('?')[0]!;
    requests.push({ path: request.url!, headers: request.headers, at: performance.now() });
    const answer = answers.get(path);
    if (answer) answer(request, response);
    else response.writeHead(404).end('no such feed');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    origin: `http://${host}`,
    host,
    requests,
    on: (path, answer) =>
      void answers.set(
        path,
        typeof answer === 'function'
          ? answer
          : (_request, response) => response.writeHead(200, { 'content-type': 'application/rss+xml' }).end(answer),
      ),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
