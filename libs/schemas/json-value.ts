import { z } from 'zod';
import { publishSchemas } from './published-schemas.js';

/** Any JSON value. Checks nothing: the values were parsed from JSON. The only published schema that allows everything. */
export const jsonValue = z.unknown().describe('Any JSON value');
/** Any JSON object. */
export const jsonObject = z.record(z.string(), jsonValue);

publishSchemas({ Json: jsonValue, JsonObject: jsonObject });
