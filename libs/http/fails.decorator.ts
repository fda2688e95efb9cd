import { ApiExtension } from '@nestjs/swagger';

/**
 * The specific error codes of an operation, listed in the document with their meanings. Codes that follow from the
 * route (authentication, role, validation, limits, idempotency, database) are added automatically.
 */
export const Fails = (...codes: string[]): MethodDecorator & ClassDecorator => ApiExtension('x-error-codes', codes);
