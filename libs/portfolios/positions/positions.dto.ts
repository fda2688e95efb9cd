import { z } from 'zod';
import { pageOf, pageQuery } from '#http';
import { publishSchemas } from '#schemas';
import { wireText } from '#text';
import { positionItem } from '../book/position-row.js';
import { portfolioId } from '../wire-fields.js';

/** `GET /v1/positions`. Paged by portfolio, key and leg. */
export const listPositions = z.strictObject({
  portfolioId: portfolioId.optional(),
  ...pageQuery(z.tuple([wireText(200), wireText(200), wireText(200, 0)])),
});
export type ListPositions = z.output<typeof listPositions>;

export const positionPage = pageOf(positionItem);
publishSchemas({ PositionPage: positionPage });
