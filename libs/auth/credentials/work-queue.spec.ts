import { QueueFull, WorkQueue } from './work-queue.js';

describe('the work queue', () => {
  it('runs so many at once, lets so many wait, and refuses the rest at once', async () => {
    const queue = new WorkQueue(2, 3);
    const release: (() => void)[] = [];
    let running = 0;
    let most = 0;
    const job = async (): Promise<void> => {
      most = Math.max(most, ++running);
      await new Promise<void>((resolve) => release.push(resolve));
      running -= 1;
    };
    const jobs = Array.from({ length: 5 }, () => queue.run(job));
    expect(queue.depth).toBe(5);
    await expect(queue.run(job)).rejects.toBeInstanceOf(QueueFull);
    for (let done = 0; done < 5; done++) {
      release.shift()!();
      await new Promise(setImmediate);
    }
    await Promise.all(jobs);
    expect(most).toBe(2);
    expect(queue.depth).toBe(0);
  });

  it('gives the place back when a job fails', async () => {
    const queue = new WorkQueue(1, 0);
    await expect(queue.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    await expect(queue.run(async () => 'next')).resolves.toBe('next');
  });
});
