import { Injectable } from '@nestjs/common';
import { ErrorTranslators, type Problem, problemOf } from '#errors';
import { correlationId } from '#telemetry';

/** What a client is told of an error: the problem document (RFC 9457) that HTTP would answer. */
@Injectable()
export class SocketProblem {
  constructor(private readonly translators: ErrorTranslators) {}

  of(thrown: unknown): Problem {
    return problemOf(this.translators.translate(thrown), correlationId());
  }
}
