import { z } from 'zod';
import { publishSchemas } from '#schemas';

const degrees = (most: number) => {
  const error = `degrees from -${most} to ${most}`;
  return z
    .string({ error })
    .regex(/^-?\d{1,3}(\.\d{1,10})?$/, { error })
    .transform(Number)
    .refine((value) => Math.abs(value) <= most, { error });
};

/** `GET /v1/regions`: where the client is, by its position or by the region that is nearest to it. */
export const regionsQuerySchema = z
  .strictObject({
    lat: degrees(90).optional().describe('Latitude of the client, with `lon`'),
    lon: degrees(180).optional().describe('Longitude of the client, with `lat`'),
    near: z.string().min(1).max(40).optional().describe('Name of a region: distances are those from its place'),
  })
  .refine(({ lat, lon }) => (lat === undefined) === (lon === undefined), {
    path: ['lon'],
    error: 'lat and lon together',
  })
  .refine(({ lat, near }) => lat === undefined || near === undefined, {
    path: ['near'],
    error: 'either lat and lon, or near',
  });
export type RegionsQuery = z.infer<typeof regionsQuerySchema>;

const regionSchema = z.object({
  name: z.string(),
  url: z.string(),
  here: z.boolean().describe('The region of the process that answers'),
  health: z.enum(['up', 'unknown', 'down']).describe('`down`: the last two probes failed. `unknown`: not probed yet'),
  latencyMs: z.number().nullable().describe('Median of the last five probes, from the process that answers'),
  distanceKm: z.int().nullable().describe('Distance from the client, if it says where it is'),
  checkedAt: z.iso.datetime().nullable(),
  failure: z.enum(['timeout', 'unreachable', 'status', 'invalid']).nullable().describe('Why the last probe failed'),
});

export const regionsAnswerSchema = z.object({
  region: z.string().nullable().describe('The region of the process that answers'),
  orderedBy: z.enum(['distance', 'latency']),
  items: z.array(regionSchema).describe('Healthy regions first, and the nearest of them first'),
});
export type RegionsAnswer = z.infer<typeof regionsAnswerSchema>;

publishSchemas({ Region: regionSchema, RegionList: regionsAnswerSchema });
