import { configSlice, type SliceValue } from '#config';

export const portfoliosConfig = configSlice(
  'portfolios',
  {},
  {
    /** How far in the future the `asOf` of a snapshot or quote may lie, in ms. */
    aheadToleranceMs: 300_000,
    /** Maximum number of points in one answer of a portfolio history. */
    historyPointsMax: 5_000,
  },
);

export type PortfoliosConfig = SliceValue<typeof portfoliosConfig>;
