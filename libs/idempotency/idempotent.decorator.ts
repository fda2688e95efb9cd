import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IdempotencyInterceptor } from './idempotency-interceptor.js';
import { IDEMPOTENT, type IdempotentOptions } from './idempotent-options.js';

/**
 * The route takes `Idempotency-Key`: sent again by the same principal within IDEMPOTENCY_RETENTION_MS, a request has its effect
 * once and gets the first answer again (status and body; headers that a handler sets are not kept), with
 * `Idempotency-Replayed: true`. With a key the handler runs inside one `@Atomic()` transaction, which its services join; without
 * one nothing changes. For POSTs with a JSON body or none, behind sign-in.
 */
export function Idempotent(options: IdempotentOptions = {}): MethodDecorator {
  const secrets = options.secrets ?? [];
  const shownOnce =
    secrets.length > 0
      ? ` If the answer held a secret (${secrets.join(', ')}), which is never stored, the repetition is 409 IDEMPOTENCY_ANSWER_NOT_KEPT with the rest of it.`
      : '';
  return applyDecorators(
    SetMetadata(IDEMPOTENT, { secrets } satisfies IdempotentOptions),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: `Names this request, e.g. by a UUID: sent again with the same key it is done once, and answered as before with \`Idempotency-Replayed: true\`.${shownOnce}`,
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    }),
  );
}
