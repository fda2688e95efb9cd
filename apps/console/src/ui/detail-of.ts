import { DeskProblem } from '@deskwire/client';

/** What went wrong, in words: of a refusal its detail, without the code. */
export function detailOf(error: unknown): string {
  if (error instanceof DeskProblem) return error.detail;
  return error instanceof Error ? error.message : String(error);
}
