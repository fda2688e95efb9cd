import { useQuery } from '@tanstack/react-query';
import type { Answer, PathOf } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { basePath } from '../desk-client.js';

const EVERY_MS = 5_000;

/** Paths that need neither parameters nor a query. */
type StatePath = Extract<
  PathOf<'get'>,
  `/v1/system/${string}` | '/v1/replication' | '/v1/regions' | '/v1/filings/usage'
>;

/** A state of the process, asked for again while the page is in sight. */
export function usePolled<Path extends StatePath>(path: Path): { data: Answer<Path> | undefined; error: Error | null } {
  const desk = useDesk();
  const { data, error } = useQuery({
    queryKey: [path],
    queryFn: () => (desk.get as (path: string) => Promise<unknown>)(path) as Promise<Answer<Path>>,
    refetchInterval: EVERY_MS,
  });
  return { data, error };
}

type HealthStatus = 'up' | 'degraded' | 'down';
export interface Health {
  status: HealthStatus;
  checks: Record<string, { status: HealthStatus; [fact: string]: unknown }>;
}

/** The health of all parts. It is public, and it answers 503 with the same report when a part is down. */
export function useHealth(): { data: Health | undefined; error: Error | null } {
  const { data, error } = useQuery({
    queryKey: ['/health'],
    queryFn: async ({ signal }) => {
      const response = await fetch(`${basePath}/health`, { signal });
      return (await response.json()) as Health;
    },
    refetchInterval: EVERY_MS,
    retry: false,
  });
  return { data, error };
}
