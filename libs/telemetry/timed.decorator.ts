import { Histogram, register } from 'prom-client';

const NAME = 'method_duration_seconds';

function histogram(): Histogram {
  return (
    (register.getSingleMetric(NAME) as Histogram | undefined) ??
    new Histogram({ name: NAME, help: 'Duration of methods marked @Timed(), in seconds', labelNames: ['method', 'outcome'], buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30] })
  );
}

/** Puts the method's duration into `method_duration_seconds{method, outcome}`; `method` is `Class.name` unless given. */
export function Timed(method?: string): MethodDecorator {
  return (target, name, descriptor: PropertyDescriptor) => {
    const label = method ?? `${target.constructor.name}.${String(name)}`;
    const original = descriptor.value as (...args: unknown[]) => unknown;
    descriptor.value = async function (this: unknown, ...args: unknown[]) {
      const stop = histogram().startTimer({ method: label });
      try {
        const result = await original.apply(this, args);
        stop({ outcome: 'ok' });
        return result;
      } catch (error) {
        stop({ outcome: 'error' });
        throw error;
      }
    };
  };
}
