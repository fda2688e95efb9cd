export { inlineSchema } from './inline-schema.js';
export { jsonObject, jsonValue } from './json-value.js';
export { publishedSchemas, publishSchemas, publishShape } from './published-schemas.js';
export { SchemaComponents } from './schema-components.js';
