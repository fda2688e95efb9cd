type Operations = Record<string, { responses: Record<string, any> }>;

/** Checks each problem that a test meets against the OpenAPI document: its operation must list the code. */
export class DocumentedProblems {
  #paths: Promise<[pattern: RegExp, operations: Operations][]> | undefined;

  constructor(private readonly url: string) {}

  /** @throws Error naming the operation that does not document the code; unknown paths and methods have none */
  async check(method: string, path: string, { code, status }: { code: string; status: number }): Promise<void> {
    const pathname = new URL(path, this.url).pathname;
    const found = (await (this.#paths ??= this.#read())).find(([pattern]) => pattern.test(pathname));
    const operation = found?.[1][method.toLowerCase()];
    if (operation === undefined) return;
    const problem = operation.responses[status]?.content?.['application/problem+json'];
    const codes: string[] = problem?.schema.allOf?.[1].properties.code.enum ?? [];
    if (codes.includes(code)) return;
    throw new Error(
      `${method} ${path} answered ${status} ${code}, which its operation does not document: add @Fails('${code}').`,
    );
  }

  async #read(): Promise<[RegExp, Operations][]> {
    const response = await fetch(new URL('/openapi.json', this.url));
    if (!response.ok) return []; // Not started, or a worker.
    const { paths } = (await response.json()) as { paths: Record<string, Operations> };
    return Object.entries(paths)
      .sort(([a], [b]) => a.split('{').length - b.split('{').length)
      .map(([path, operations]) => [new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`), operations]);
  }
}
