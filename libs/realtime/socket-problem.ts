import { Injectable } from '@nestjs/common';
import { ErrorTranslators, type Problem, problemOf } from '#errors';
import { correlationId } from '#telemetry';

/** Problem document (RFC 9457) of an error, the same as over HTTP. */
@Injectable()
export class SocketProblem {
  constructor(private readonly translators: ErrorTranslators) {}

  of(thrown: unknown): Problem {
    return problemOf(this.translators.translate(thrown), correlationId());
  }
}
