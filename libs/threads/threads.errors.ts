import { defineErrors } from '#errors';

const threadsError = defineErrors({
  THREADS_DEADLINE_EXCEEDED: {
    kind: 'unprocessable',
    meaning: 'The work took longer than its time limit and was stopped.',
    fix: 'Send less or simpler work per request.',
  },
  THREADS_OUT_OF_MEMORY: {
    kind: 'unprocessable',
    meaning: 'The work needed more memory than its limit and was stopped.',
    fix: 'Send less or simpler work per request.',
  },
  THREADS_BUSY: {
    kind: 'unavailable',
    meaning: 'The maximum number of runs waits for a worker thread.',
    fix: 'Retry after the time in `Retry-After`.',
  },
  THREADS_STOPPING: {
    kind: 'unavailable',
    meaning: 'The process is stopping and takes no new work.',
    fix: 'Retry later.',
  },
  THREADS_CRASHED: {
    kind: 'internal',
    meaning: 'The worker thread that did the work ended unexpectedly.',
    fix: 'Report the correlation id.',
  },
});

const RETRY_MS = 1_000;

export const deadlineExceeded = (task: string, deadlineMs: number) =>
  threadsError('THREADS_DEADLINE_EXCEEDED', `${task} did not end within ${deadlineMs} ms, its time limit.`);

export const outOfMemory = (task: string, heapMb: number, cause: unknown) =>
  threadsError('THREADS_OUT_OF_MEMORY', `${task} needed more than ${heapMb} MiB of heap, its limit.`, { cause });

/** @param whose `in total` or `of this caller` */
export const threadsBusy = (task: string, waiting: number, whose: string) =>
  threadsError(
    'THREADS_BUSY',
    `${waiting} runs of ${task} wait for a thread ${whose}, the maximum. Retry after ${RETRY_MS} ms.`,
    { retryAfterMs: RETRY_MS },
  );

export const waitedTooLong = (task: string, maxWaitMs: number) =>
  threadsError('THREADS_BUSY', `${task} found no free thread within ${maxWaitMs} ms. Retry after ${RETRY_MS} ms.`, {
    retryAfterMs: RETRY_MS,
  });

export const threadsStopping = (task: string) =>
  threadsError('THREADS_STOPPING', `The process is stopping and starts no ${task}.`);

export const threadCrashed = (task: string, cause: unknown) =>
  threadsError('THREADS_CRASHED', `The thread of ${task} ended during its work.`, { cause });
