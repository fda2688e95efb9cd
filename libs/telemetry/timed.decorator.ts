import { Histogram, register } from 'prom-client';
import { enterMetric } from '#metrics';

const { name: NAME, ...declared } = enterMetric('telemetry', 'method_duration_seconds', {
  type: 'histogram',
  help: 'Duration of methods marked @Timed(), in seconds',
  labels: { method: 'the marked methods, as `Class.name`', outcome: ['ok', 'error'] },
  buckets: [0.005, 0.05, 0.5, 5, 30],
});

function histogram(): Histogram {
  return (
    (register.getSingleMetric(NAME) as Histogram | undefined) ??
    new Histogram({
      name: NAME,
      help: declared.help,
      labelNames: Object.keys(declared.labels),
      buckets: [...declared.buckets],
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
