import { inspect } from 'node:util';

const MASK = '[secret]';

/**
 * A value that cannot be printed: string, JSON and inspect forms are `[secret]`.
 * Only `reveal()` gives it out, so a grep for `reveal(` lists every place that touches a secret.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
