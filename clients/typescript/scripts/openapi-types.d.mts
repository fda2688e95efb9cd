export const GENERATED: string;
export function typesOf(document: unknown): Promise<string>;
