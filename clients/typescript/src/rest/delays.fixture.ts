import { jest } from '@jest/globals';

/** Lets each delay of the code under test pass at once, after `onDelay`. Restore it with `jest.restoreAllMocks()`. @returns the delays in ms */
export function passDelays(onDelay: (ms: number) => void = () => undefined): readonly number[] {
  const delays: number[] = [];
  mockTimeout((work, ms) => {
    delays.push(ms);
    onDelay(ms);
    queueMicrotask(work);
  });
  return delays;
}

/** Lets no delay end. @returns the first one in ms, when it begins */
export function holdDelays(): Promise<number> {
  return new Promise((resolve) => mockTimeout((_, ms) => resolve(ms)));
}

function mockTimeout(begin: (work: () => void, ms: number) => void): void {
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((work: () => void, ms = 0) => {
    begin(work, ms);
    return {};
  }) as never);
}
