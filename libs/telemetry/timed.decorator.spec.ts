import 'reflect-metadata';
import { SetMetadata } from '@nestjs/common';
import { register } from 'prom-client';
import { Timed } from './timed.decorator.js';

class Desk {
  @Timed()
  add(a: number, b: number): number {
    return a + b;
  }

  @Timed()
  async fail(): Promise<void> {
    await Promise.resolve();
    throw new Error('no');
  }

  @Timed()
  @SetMetadata('role', 'operator')
  marked(): void {}
}

async function count(method: string, outcome: string): Promise<number | undefined> {
  const metric = await register.getSingleMetric('method_duration_seconds')!.get();
  return metric.values.find(
    (value: { metricName?: string; labels: Record<string, unknown> }) =>
      value.metricName?.endsWith('_count') && value.labels.method === method && value.labels.outcome === outcome,
  )?.value;
}

describe('@Timed()', () => {
  it('@Timed() counts a call with its outcome, and changes neither its value nor that it is synchronous', async () => {
    expect(new Desk().add(2, 3)).toBe(5);
    expect(await count('Desk.add', 'ok')).toBe(1);
  });

  it('times a promise to its end and passes its error on', async () => {
    await expect(new Desk().fail()).rejects.toThrow('no');
    expect(await count('Desk.fail', 'error')).toBe(1);
  });

  it('@Timed keeps the metadata of other decorators', () => {
    expect(Reflect.getMetadata('role', Desk.prototype.marked)).toBe('operator');
  });
});
