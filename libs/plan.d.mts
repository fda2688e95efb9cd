export const foundation: readonly string[];
export const domain: Readonly<Record<string, readonly string[]>>;
export const libs: readonly string[];
export function allowedImports(lib: string): string[];
