/** The answer of a handler. */
export interface Answer {
  status: number;
  /** JSON-safe; undefined if the answer has no body. */
  body: unknown;
}

/** The stored part of an answer. */
export interface KeptAnswer {
  status: number;
  /** The body as JSON; null if there was none or it was too large. */
  json: string | null;
  /** Why the body is not complete: it held a secret that is shown once, or it was too large. */
  leftOut: 'secret' | 'size' | null;
}

/**
 * @param secrets names of fields, at any depth, whose values must never be stored
 * @param maxBytes maximum size of the body as JSON
 */
export function keptAnswer({ status, body }: Answer, secrets: readonly string[], maxBytes: number): KeptAnswer {
  if (body === undefined || body === null) return { status, json: null, leftOut: null };
  let leftOut: KeptAnswer['leftOut'] = null;
  const drop = (name: string, value: unknown): unknown => {
    if (!secrets.includes(name)) return value;
    leftOut = 'secret';
    return undefined;
  };
  const json = JSON.stringify(body, secrets.length > 0 ? drop : undefined);
  return Buffer.byteLength(json) > maxBytes
    ? { status, json: null, leftOut: leftOut ?? 'size' }
    : { status, json, leftOut };
}
