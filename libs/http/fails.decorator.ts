import { ApiExtension } from '@nestjs/swagger';

/**
 * The error codes of its own that an operation may answer with; the document lists them with their meanings. Codes that
 * follow from the route (authentication, role, validation, limits, idempotency, database) are added by themselves.
 */
export const Fails = (...codes: string[]): MethodDecorator & ClassDecorator => ApiExtension('x-error-codes', codes);
