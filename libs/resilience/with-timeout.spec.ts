import { withTimeout } from './with-timeout.js';

const never = new Promise<never>(() => undefined);

describe('withTimeout', () => {
  it('withTimeout gives the value or the error of work that ends in time, without computing the late result', async () => {
    const late = () => {
      throw new Error('asked for');
    };
    expect(await withTimeout(Promise.resolve('value'), 60_000, late)).toBe('value');
    await expect(withTimeout(Promise.reject(new Error('its own')), 60_000, late)).rejects.toThrow('its own');
  });

  it('withTimeout gives the late result or its error after the timeout', async () => {
    expect(await withTimeout(never, 1, () => 'late')).toBe('late');
    const refuse = () => {
      throw new Error('took too long');
    };
    await expect(withTimeout(never, 1, refuse)).rejects.toThrow('took too long');
  });

  it('withTimeout ignores an error of the work after the timeout', async () => {
    const work = Promise.withResolvers<string>();
    expect(await withTimeout(work.promise, 1, () => 'late')).toBe('late');
    const unhandled: unknown[] = [];
    const record = (reason: unknown) => unhandled.push(reason);
    process.on('unhandledRejection', record);
    work.reject(new Error('afterwards'));
    await new Promise((resolve) => setImmediate(resolve));
    process.off('unhandledRejection', record);
    expect(unhandled).toEqual([]);
  });

  it('clears its timer when the work ends in time', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await withTimeout(Promise.resolve(), 60_000, () => undefined);
    expect(timers()).toBe(before);
  });
});
