import type { FastifyInstance } from 'fastify';
import { requestError } from '#errors';

/**
 * Knows the methods of each path template. Distinguishes an unknown path (404) from an unsupported method (405, for
 * which RFC 9110 requires `Allow`), and lists the methods for preflight requests.
 */
export class MethodTable {
  private readonly templates = new Map<string, { segments: string[]; methods: Set<string> }>();

  /** Records every route that is registered after this call. */
  static of(fastify: FastifyInstance): MethodTable {
    const table = new MethodTable();
    fastify.addHook('onRoute', (route) => table.add(route.url, [route.method].flat()));
    return table;
  }

  add(template: string, methods: readonly string[]): void {
    if (template.includes('*')) return;
    const known = this.templates.get(template) ?? { segments: template.split('/'), methods: new Set<string>() };
    for (const method of methods) known.methods.add(method);
    this.templates.set(template, known);
  }

  /**
   * @param url a path, with or without a query
   * @returns the methods of every template that matches, sorted; empty if none does
   */
  methodsOf(url: string): string[] {
    const segments = url.split('?', 1)[0]!.split('/', 32);
    const methods = new Set<string>();
    for (const known of this.templates.values()) {
      if (matches(known.segments, segments)) for (const method of known.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

/** Answers a known path with an unsupported method by 405 and `Allow`, not by 404. */
export function refuseWrongMethods(fastify: FastifyInstance, table: MethodTable): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (!request.is404) return done();
    const allowed = table.methodsOf(request.url);
    if (allowed.length === 0) return done();
    void reply.header('Allow', allowed.join(', '));
    done(requestError('METHOD_NOT_ALLOWED', `This path accepts ${allowed.join(', ')}, not ${request.method}.`));
  });
}

function matches(template: readonly string[], path: readonly string[]): boolean {
  return (
    template.length === path.length &&
    template.every((part, at) => part === path[at] || (part.startsWith(':') && path[at] !== ''))
  );
}
