import { Catch, type ExceptionFilter } from '@nestjs/common';

/**
 * For every gateway: `@UseFilters(RethrowToGate)`. Nest's own filter would answer with an `exception` event and no
 * acknowledgement. Rethrown, the error reaches the message gate, which acknowledges it as a problem document.
 */
@Catch()
export class RethrowToGate implements ExceptionFilter {
  catch(error: unknown): never {
    throw error;
  }
}
