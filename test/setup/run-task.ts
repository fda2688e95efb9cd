import type { InjectionToken } from '@nestjs/common';
import { BackgroundTasks } from '#background';
import { eventually } from './eventually.js';

/** Wakes a background task and waits for the success of a run that begins after that. */
export async function runTask(desk: { get<T>(token: InjectionToken<T>): T }, name: string): Promise<void> {
  const tasks = desk.get(BackgroundTasks);
  const row = () => tasks.list().find((task) => task.name === name)!;
  await eventually(() => expect(row().state).toBe('waiting'));
  const before = row().lastRunAt;
  tasks.wake(name);
  await eventually(() => {
    expect(row()).toMatchObject({ state: 'waiting', lastResult: 'done' });
    expect(row().lastRunAt).not.toBe(before);
  });
}
