import { Inject } from '@nestjs/common';
import { Transactions } from './transactions.js';

const INJECTED = Symbol('deskwire:transactions');

/** Wraps a method. `Transactions` is injected as a property, so that two apps in one process never share a pool. */
export function runInTransaction(
  open: (transactions: Transactions, work: () => Promise<unknown>) => Promise<unknown>,
): MethodDecorator {
  return (target, _name, descriptor: PropertyDescriptor) => {
    Inject(Transactions)(target, INJECTED);
    const method = descriptor.value as (...args: unknown[]) => Promise<unknown>;
    const wrapped = function (this: Record<symbol, Transactions>, ...args: unknown[]) {
      return open(this[INJECTED]!, async () => method.apply(this, args));
    };
    for (const key of Reflect.getMetadataKeys(method)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapped);
    }
    descriptor.value = Object.defineProperty(wrapped, 'name', { value: method.name });
  };
}
