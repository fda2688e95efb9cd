import { problemOf } from '#errors';
import { correlationId } from '#telemetry';

/** What a client is told of an error: the problem document (RFC 9457) that HTTP would answer. */
export function socketProblem(error: unknown) {
  return problemOf(error, correlationId());
}
