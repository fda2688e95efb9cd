import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { logStream } from './log-stream.js';

describe('The stream of the log', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-stream-'));
    jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] });
  });
  afterEach(async () => {
    jest.useRealTimers();
    await rm(folder, { recursive: true });
  });

  it('lines of 100 ms are written at once, and an idle stream does nothing', async () => {
    const file = join(folder, 'log');
    const stream = logStream(file);
    await once(stream, 'ready');
    expect(jest.getTimerCount()).toBe(0);
    for (const lines of ['one\ntwo\n', 'three\n']) {
      for (const line of lines.trimEnd().split('\n')) stream.write(`${line}\n`);
      expect(jest.getTimerCount()).toBe(1);
      jest.advanceTimersByTime(99);
      expect(jest.getTimerCount()).toBe(1);
      const written = once(stream, 'write');
      jest.advanceTimersByTime(1);
      expect(await written).toEqual([lines.length]);
      expect(jest.getTimerCount()).toBe(0);
    }
    expect(await readFile(file, 'utf8')).toBe('one\ntwo\nthree\n');
    stream.end();
    await once(stream, 'close');
  });
});
