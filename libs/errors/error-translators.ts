import { Injectable } from '@nestjs/common';
import type { DomainError } from './domain-error.js';

export type ErrorTranslator = (error: unknown) => DomainError | undefined;

/** How libs above this one turn foreign errors (a database's, a client's) into the house's; asked in the order of registration. */
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
