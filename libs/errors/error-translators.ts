import { Injectable } from '@nestjs/common';
import type { DomainError } from './domain-error.js';

export type ErrorTranslator = (error: unknown) => DomainError | undefined;

/** Translates errors of other libraries (a database, a client) into a DomainError. Libs above register; the first match wins. */
@Injectable()
export class ErrorTranslators {
  private readonly translators: ErrorTranslator[] = [];

  register(translator: ErrorTranslator): void {
    this.translators.push(translator);
  }

  translate(error: unknown): unknown {
    for (const translator of this.translators) {
      const translated = translator(error);
      if (translated) return translated;
    }
    return error;
  }
}
