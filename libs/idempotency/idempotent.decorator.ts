import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { IDEMPOTENT, IdempotencyInterceptor, type IdempotentOptions } from './idempotency-interceptor.js';

/**
 * The route accepts `Idempotency-Key`. A request repeated by the same principal within the retention has its effect once and
 * gets the first answer again (status and body; headers that a handler sets are not stored), with `Idempotency-Replayed: true`.
 * With a key, the handler runs inside one `@Atomic()` transaction, which its services join; without a key nothing changes.
 * For POSTs of authenticated callers, with a JSON body or none.
 */
export function Idempotent(options: IdempotentOptions = {}): MethodDecorator {
  const secrets = options.secrets ?? [];
  const shownOnce =
    secrets.length > 0
      ? ` An answer with a secret (${secrets.join(', ')}) is stored without it: repeating the request answers 409 IDEMPOTENCY_ANSWER_NOT_KEPT with the rest.`
      : '';
  return applyDecorators(
    SetMetadata(IDEMPOTENT, { secrets } satisfies IdempotentOptions),
    UseInterceptors(IdempotencyInterceptor),
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: `Identifies this request, for example a UUID. Repeated with the same key, the request takes effect once and gets the first answer again, with \`Idempotency-Replayed: true\`.${shownOnce}`,
      schema: { type: 'string', minLength: 1, maxLength: 255, pattern: '^[\\x21-\\x7e]+$' },
    }),
  );
}
