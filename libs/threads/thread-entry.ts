/** The message of a run, in both directions pure data. */
export interface ThreadCall {
  /** URL of the module whose default export does the work. */
  module: string;
  input: unknown;
  /** One Int32 that becomes 1 when the work starts, so loading the module does not count against the deadline. */
  started: Int32Array;
}

export type ThreadAnswer = { value: unknown } | { thrown: ThrownError };

/** `structuredClone` keeps neither the name nor the code of an error. */
export interface ThrownError {
  name: string;
  message: string;
  code?: string;
  stack?: string | undefined;
}

type Work = (input: unknown) => unknown;

const loaded = new Map<string, Work>();

/** Runs in the thread: what piscina calls for each message. Loads nothing but the module of the task. */
export default async function runInThread({ module, input, started }: ThreadCall): Promise<ThreadAnswer> {
  const work = loaded.get(module) ?? (await load(module));
  Atomics.store(started, 0, 1);
  Atomics.notify(started, 0);
  try {
    return { value: await work(input) };
  } catch (error) {
    return { thrown: described(error) };
  }
}

async function load(module: string): Promise<Work> {
  const { default: work } = (await import(module)) as { default?: unknown };
  if (typeof work !== 'function') throw new TypeError(`${module} has no default export that is a function.`);
  loaded.set(module, work as Work);
  return work as Work;
}

function described(error: unknown): ThrownError {
  if (!(error instanceof Error)) return { name: 'Error', message: String(error) };
  const { code } = error as { code?: unknown };
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    ...(typeof code === 'string' && { code }),
  };
}
