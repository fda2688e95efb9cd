import { QueryClient } from '@tanstack/react-query';
import { createDesk, DeskProblem } from '@deskwire/client';
import { progressFetch } from './parts/progress-fetch.js';

/** The path of the desk's public address, without a slash at its end: `/desk`, or nothing. */
export const basePath = document.documentElement.dataset['basePath'] ?? '';

export const desk = createDesk({ url: `${location.origin}${basePath}`, fetch: progressFetch });

/** Values that move are drawn at most twice a second: nobody reads faster, and the demo desk costs half. The desk merges what lies between. */
export const DRAWN = { maxPerSecond: 2 };

/** Reads are tried again while the server or its database is away. Every other problem is shown at once. */
function isOutage(error: unknown): boolean {
  return error instanceof DeskProblem && (error.status === 0 || error.status >= 502);
}

/** The answers that a tab holds for one person. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // The frame knows the state of the connection better than the browser does.
        networkMode: 'always',
        retry: (failures, error) => isOutage(error) && failures < 1_000,
        retryDelay: (failures) => Math.min(5_000, 500 * 2 ** failures),
      },
      mutations: { networkMode: 'always' },
    },
  });
}
