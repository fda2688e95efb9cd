import { z } from 'zod';
import { invalidRequest, parseRequest } from '#http';
import { type MasterMapping, masterMappingSchema } from '../masters/master-mapping.js';

/** Maximum number of bytes of a mapping as JSON, in a part of a form or as a body. */
export const MAX_MAPPING_BYTES = 32_768;

const partSchema = z.strictObject({ mapping: masterMappingSchema });

/** Checks a mapping that came with an import. @throws DomainError REQUEST_INVALID naming each wrong word as `mapping.WORD` */
export function givenMapping(mapping: unknown): MasterMapping {
  return parseRequest('body', partSchema, { mapping }).mapping;
}

/** The same for JSON text. @throws DomainError REQUEST_INVALID */
export function mappingOfText(text: string): MasterMapping {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    throw invalidRequest(
      [{ field: 'mapping', seen: `text of ${text.length} characters`, allowed: 'a mapping as JSON' }],
      `The mapping is not JSON: ${(cause as Error).message}`,
      cause,
    );
  }
  return givenMapping(content);
}

/** Text as JSON that PostgreSQL cannot store: U+0000, and half of a surrogate pair. */
const NOT_STORABLE = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f][0-9a-f]{2})/;

/**
 * A mapping under the name of its path. Its own `name` may be left out.
 * @throws DomainError REQUEST_INVALID if it has another name, or text that cannot be stored
 */
export function namedMapping(name: string, mapping: Record<string, unknown>): Record<string, unknown> {
  if (mapping['name'] !== undefined && mapping['name'] !== name)
    throw invalidRequest([{ field: 'name', allowed: `the name in the path (${name}), or nothing` }]);
  if (NOT_STORABLE.test(JSON.stringify(mapping)))
    throw invalidRequest([{ field: 'mapping', allowed: 'text without U+0000, in well-formed Unicode' }]);
  return { ...mapping, name };
}
