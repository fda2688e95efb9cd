import { z } from 'zod';
import { publishSchemas } from '#schemas';
import { searchFields } from '../catalogue/instrument.dto.js';

/** `GET /v1/instruments/facets`: the filters of a search. */
export const facetsQuerySchema = z.strictObject(searchFields);
export type FacetsQuery = z.output<typeof facetsQuerySchema>;

const facetValue = z.object({ value: z.string(), count: z.int().describe('Number of contracts') });
const values = z.array(facetValue).describe('The 50 most frequent values');

export const facetsSchema = z.object({
  total: z.int().describe('Number of contracts that were counted'),
  complete: z.boolean().describe('false: more contracts match. The counts are of the 5,000 best matches'),
  facets: z.object({
    broker: values,
    exchange: values,
    segment: values,
    type: values,
    expiry: values.describe('The 50 most frequent days, in their order'),
  }),
});
export type FacetsView = z.output<typeof facetsSchema>;

publishSchemas({ InstrumentFacets: facetsSchema, InstrumentFacetValue: facetValue });
