type Operations = Record<string, { responses: Record<string, any> }>;
type Paths = [pattern: RegExp, operations: Operations][];

interface Problem {
  code: string;
  status: number;
}

/** The operations of a desk of this process. They are those of the code, and a document takes 0.2 s to make. */
let known: Paths = [];

/** Checks each problem that a test meets against the OpenAPI document: its operation must list the code. */
export class DocumentedProblems {
  #paths: Promise<Paths> | undefined;

  constructor(private readonly url: string) {}

  /** @throws Error naming the operation that does not document the code; unknown paths and methods have none */
  async check(method: string, path: string, problem: Problem): Promise<void> {
    const { pathname } = new URL(path, this.url);
    if (known.length > 0 && documents(known, method, pathname, problem)) return;
    if (documents(await (this.#paths ??= this.#read()), method, pathname, problem)) return;
    throw new Error(
      `${method} ${path} answered ${problem.status} ${problem.code}, which its operation does not document: add @Fails('${problem.code}').`,
    );
  }

  async #read(): Promise<Paths> {
    const response = await fetch(new URL('/openapi.json', this.url));
    if (!response.ok) return []; // Not started, or a worker.
    const { paths } = (await response.json()) as { paths: Record<string, Operations> };
    known = Object.entries(paths)
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([path, operations]) => [new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), operations]);
    return known;
  }
}

function documents(paths: Paths, method: string, pathname: string, { code, status }: Problem): boolean {
  const operation = paths.find(([pattern]) => pattern.test(pathname))?.[1][method.toLowerCase()];
  if (operation === undefined) return true;
  const content = operation.responses[status]?.content?.['application/problem+json'];
  const codes: string[] = content?.schema.allOf?.[1].properties.code.enum ?? [];
  return codes.includes(code);
}
