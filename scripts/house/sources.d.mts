/** A parsed source; `tree` is TypeScript's. */
export interface Source {
  path: string;
  exports: string[];
}

export function readSources(root: string, folders?: string[]): Source[];
