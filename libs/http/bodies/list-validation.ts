import { z } from 'zod';
import { fromIssues, MAX_ISSUES, type SchemaIssue } from '../invalid-request.js';

/** How long validation runs before the event loop may do other work, in ms. */
const SLICE_MS = 8;

const shells = new WeakMap<z.ZodObject, z.ZodObject>();

/**
 * Validates a body with a long list in slices, and stops at the 20th issue. Validating 10,000 snapshots of 17 positions at
 * once blocks the event loop for 700 ms.
 * @throws DomainError REQUEST_INVALID
 */
export async function validateList(schema: z.ZodObject, body: Record<string, unknown>, list: string): Promise<unknown> {
  const { element } = schema.shape[list] as z.ZodArray;
  const items: unknown[] = [];
  const issues: SchemaIssue[] = [];
  let until = performance.now() + SLICE_MS;
  for (const [index, item] of (body[list] as unknown[]).entries()) {
    const parsed = (element as z.ZodType).safeParse(item);
    if (parsed.success) items.push(parsed.data);
    else issues.push(...parsed.error.issues.map((issue) => ({ ...issue, path: [list, index, ...issue.path] })));
    if (issues.length >= MAX_ISSUES) throw fromIssues('body', body, issues, undefined, true);
    if (performance.now() < until) continue;
    await new Promise(setImmediate);
    until = performance.now() + SLICE_MS;
  }
  if (issues.length > 0) throw fromIssues('body', body, issues);
  const whole = { ...body, [list]: items };
  const parsed = shellOf(schema, list).safeParse(whole);
  if (parsed.success) return parsed.data;
  throw fromIssues('body', whole, parsed.error.issues);
}

/** The schema without the items of the list: its fields, the length of the list and what items must have in common. */
function shellOf(schema: z.ZodObject, list: string): z.ZodObject {
  let shell = shells.get(schema);
  if (shell === undefined) {
    const array = schema.shape[list] as z.ZodArray;
    const anything = z.core.clone(array, { ...array._zod.def, element: z.any() });
    shell = z.core.clone(schema, { ...schema._zod.def, shape: { ...schema.shape, [list]: anything } });
    shells.set(schema, shell);
  }
  return shell;
}
