/** Which methods each path template takes: tells "no such path" (404) from "not this way" (405, RFC 9110 asks for `Allow`). */
export class MethodTable {
  private readonly templates = new Map<string, { segments: string[]; methods: Set<string> }>();

  add(template: string, methods: readonly string[]): void {
    if (template.includes('*')) return;
    const known = this.templates.get(template) ?? { segments: template.split('/'), methods: new Set<string>() };
    for (const method of methods) known.methods.add(method);
    this.templates.set(template, known);
  }

  /** The methods of a path, sorted; empty if no template matches it. */
  methodsOf(path: string): string[] {
    const segments = path.split('/', 32);
    const methods = new Set<string>();
    for (const known of this.templates.values()) {
      if (matches(known.segments, segments)) for (const method of known.methods) methods.add(method);
    }
    return [...methods].sort();
  }
}

function matches(template: readonly string[], path: readonly string[]): boolean {
  return (
    template.length === path.length &&
    template.every((part, at) => part === path[at] || (part.startsWith(':') && path[at] !== ''))
  );
}
