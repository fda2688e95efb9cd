import type { paths } from '../generated/openapi.js';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

/** Paths of the API that have this method. */
export type PathOf<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, object> ? P : never;
}[keyof paths];

type OperationOf<P extends keyof paths, M extends Method> =
  paths[P] extends Record<M, infer Operation> ? Operation : never;

type Content<T> = T extends { content: infer Bodies }
  ? Bodies extends Record<'application/json', infer Json>
    ? Json
    : Bodies extends Record<string, infer Other>
      ? Other
      : undefined
  : undefined;

/** The statuses of success. */
type Done = 200 | 201 | 202 | 203 | 204;

/** What an operation answers: the body of its 2xx answer. */
export type Answer<P extends keyof paths, M extends Method = 'get'> =
  OperationOf<P, M> extends { responses: infer Responses }
    ? { [S in keyof Responses]: S extends Done ? Content<Responses[S]> : never }[keyof Responses]
    : never;

type Input<Name extends string, T> = [T] extends [undefined]
  ? { [N in Name]?: undefined }
  : object extends T
    ? { [N in Name]?: T }
    : { [N in Name]: T };

type ParametersIn<Operation, Place extends string> = Operation extends { parameters: { [N in Place]?: infer T } }
  ? Exclude<T, undefined>
  : never;

type BodyOf<Operation> = Operation extends { requestBody: { content: infer Bodies } }
  ? { body: Bodies[keyof Bodies] | RawBody }
  : Operation extends { requestBody?: { content: infer Bodies } }
    ? { body?: Bodies[keyof Bodies] | RawBody }
    : { body?: undefined };

/** Bodies that are sent as they are, such as an imported file. */
export type RawBody = string | Blob | ArrayBuffer | Uint8Array | FormData;

/** What the caller of an operation may set beside its own parameters. */
export interface CallOptions {
  signal?: AbortSignal;
  headers?: Readonly<Record<string, string>>;
  /** Sent as `Idempotency-Key`. Default: a new UUID for each call that changes something, the same for its retries. */
  idempotencyKey?: string;
  /** Maximum time of one attempt, in ms. Default: 60,000. */
  timeoutMs?: number;
}

/** Path parameters, query and body of an operation, each required if the API requires it. */
export type CallInit<P extends keyof paths, M extends Method> = CallOptions &
  ([ParametersIn<OperationOf<P, M>, 'path'>] extends [never]
    ? { params?: undefined }
    : Input<'params', ParametersIn<OperationOf<P, M>, 'path'>>) &
  ([ParametersIn<OperationOf<P, M>, 'query'>] extends [never]
    ? { query?: undefined }
    : Input<'query', ParametersIn<OperationOf<P, M>, 'query'>>) &
  BodyOf<OperationOf<P, M>>;

/** The last argument of a call: it may be left out where nothing in it is required. */
export type CallArguments<P extends keyof paths, M extends Method> =
  object extends CallInit<P, M> ? [init?: CallInit<P, M>] : [init: CallInit<P, M>];

/** Paths of lists: their answers have `items`. */
export type ListPath = {
  [P in PathOf<'get'>]: Answer<P> extends { items: readonly unknown[] } ? P : never;
}[PathOf<'get'>];

export type ItemOf<P extends ListPath> = Answer<P> extends { items: readonly (infer Item)[] } ? Item : never;

export type QueryOf<P extends PathOf<'get'>> = NonNullable<CallInit<P, 'get'>['query']>;

/** The untyped form of a call. */
export interface AnyInit extends CallOptions {
  params?: Readonly<Record<string, unknown>> | undefined;
  query?: Readonly<Record<string, unknown>> | undefined;
  body?: unknown;
}
