import { Histogram, register } from 'prom-client';

const NAME = 'method_duration_seconds';

function histogram(): Histogram {
  return (
    (register.getSingleMetric(NAME) as Histogram | undefined) ??
    new Histogram({
      name: NAME,
      help: 'Duration of methods marked @Timed(), in seconds',
      labelNames: ['method', 'outcome'],
      buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 30],
    })
  );
}

/** Puts the method's duration into `method_duration_seconds{method, outcome}`; `method` is `Class.name` unless given. */
export function Timed(method?: string): MethodDecorator {
  return (target, name, descriptor: PropertyDescriptor) => {
    const label = method ?? `${target.constructor.name}.${String(name)}`;
    const original = descriptor.value as (...args: unknown[]) => unknown;
    const timed = function (this: unknown, ...args: unknown[]): unknown {
      const stop = histogram().startTimer({ method: label });
      const ok = <T>(value: T): T => (stop({ outcome: 'ok' }), value);
      const failed = (error: unknown): never => {
        stop({ outcome: 'error' });
        throw error;
      };
      let result: unknown;
      try {
        result = original.apply(this, args);
      } catch (error) {
        return failed(error);
      }
      return result instanceof Promise ? result.then(ok, failed) : ok(result);
    };
    // Nest keeps routes, guards and schemas as metadata on the function itself.
    for (const key of Reflect.getMetadataKeys(original))
      Reflect.defineMetadata(key, Reflect.getMetadata(key, original), timed);
    Object.defineProperty(timed, 'name', { value: original.name });
    descriptor.value = timed;
  };
}
