import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';

/** An operation of the OpenAPI document. */
export interface PublishedOperation {
  id: string;
  method: string;
  path: string;
  operation: any;
}

export interface GivenAnswer {
  status: number;
  headers: Headers;
  text: string;
}

/** Headers that the document names for each answer that has them. */
const DOCUMENTED = [
  'accept-encoding',
  'content-disposition',
  'etag',
  'idempotency-replayed',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-correlation-id',
];

/** Compares answers with what the OpenAPI document says of their operation. */
export class OperationsContract {
  readonly operations: PublishedOperation[];
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false });
  readonly #compiled = new Map<string, ValidateFunction>();

  constructor(readonly api: any) {
    this.#ajv.addSchema({ $id: 'api', components: api.components });
    this.operations = Object.entries<any>(api.paths).flatMap(([path, item]) =>
      Object.entries<any>(item).map(([method, operation]) => ({
        id: operation.operationId,
        method: method.toUpperCase(),
        path,
        operation,
      })),
    );
  }

  of(id: string): PublishedOperation {
    const found = this.operations.find((one) => one.id === id);
    if (found === undefined) throw new Error(`The document has no operation ${id}.`);
    return found;
  }

  /** Whether a value matches a schema of the document; the mismatches. */
  mismatches(schema: object, value: unknown): string[] {
    const validate = this.#compile(schema);
    if (validate(value)) return [];
    return validate.errors!.map(({ instancePath, message }) => `${instancePath || 'the value'} ${message}`);
  }

  /** How an answer differs from its documented status, content, headers and schema. */
  violations({ operation }: PublishedOperation, { status, headers, text }: GivenAnswer): string[] {
    const declared = operation.responses[status];
    if (declared === undefined) return [`status ${status} is not documented: ${text.slice(0, 300)}`];
    const found = DOCUMENTED.filter((name) => headers.has(name) && !this.#names(declared.headers, name)).map(
      (name) => `header ${name} is not documented for ${status}`,
    );
    if (text === '') return declared.content && status !== 304 ? [...found, `${status} has no content`] : found;
    const type = headers.get('content-type')?.split(';', 1)[0] ?? 'nothing';
    const content = declared.content?.[type];
    if (content === undefined) return [...found, `content ${type} is not documented for ${status}`];
    if (!type.endsWith('json')) return found;
    return [...found, ...this.mismatches(content.schema, JSON.parse(text)).map((one) => `${status}: ${one}`)];
  }

  #names(headers: object | undefined, name: string): boolean {
    return Object.keys(headers ?? {}).some((declared) => declared.toLowerCase() === name);
  }

  /** Many operations have the same schema, and compiling one takes milliseconds. */
  #compile(schema: object): ValidateFunction {
    const text = JSON.stringify(schema);
    let compiled = this.#compiled.get(text);
    if (compiled === undefined) {
      compiled = this.#ajv.compile(JSON.parse(text.replaceAll('"#/components', '"api#/components')));
      this.#compiled.set(text, compiled);
    }
    return compiled;
  }
}
