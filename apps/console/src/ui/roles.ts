import { createContext, use } from 'react';

/** In ascending order: each role includes the ones before it. */
export const RANKS = ['viewer', 'trader', 'operator', 'admin'] as const;
export type RoleName = (typeof RANKS)[number];

/** The person who works in this tab. It stays while a login that has ended is replaced, so that no form loses its input. */
export interface Worker {
  id: string;
  email: string;
  role: RoleName;
}
export const WorkerContext = createContext<Worker | undefined>(undefined);

export function useWorker(): Worker {
  return use(WorkerContext)!;
}

/** Whether one role has all that the other one has. */
export function includesRole(held: RoleName, role: RoleName): boolean {
  return RANKS.indexOf(held) >= RANKS.indexOf(role);
}

/** Whether the person has the role or one above it. Do not offer what the server would refuse. */
export function useCan(role: RoleName): boolean {
  return includesRole(useWorker().role, role);
}
