import { z } from 'zod';
import { publishSchemas, publishShape } from '#schemas';
import type { FieldIssue } from './domain-error.js';
import { errorCatalogue } from './error-catalogue.js';

/** The code of an error in an answer. Published with the codes of every loaded lib. */
export const errorCode = z.string().describe('Never changes its meaning. docs/errors.md lists all codes');

export const fieldIssueSchema: z.ZodType<FieldIssue> = z.object({
  field: z.string().describe('Path, such as `snapshots[3].positions[0].quantity`'),
  seen: z.string().optional().describe('The received value, shortened. Absent for secrets'),
  allowed: z.string().describe('The allowed values'),
});

/** A problem document. Some codes add members, so it is published as an open object. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What happened, with values'),
    code: errorCode,
    correlationId: z.string().describe('Finds the request in the log'),
    retryAfterMs: z.number().optional().describe('When another attempt may succeed, in ms'),
    errors: z.array(fieldIssueSchema).optional().describe('The wrong fields of the request'),
  })
  .meta({ description: 'RFC 9457 problem details', additionalProperties: undefined });

publishShape('ErrorCode', errorCode, () => z.enum(errorCatalogue().map(([code]) => code)));
publishSchemas({ FieldIssue: fieldIssueSchema, Problem: problemSchema });
