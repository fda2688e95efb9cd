import { configSlice, env, integer, type SliceValue } from '#config';

export const portfoliosConfig = configSlice('portfolios', {
  aheadToleranceMs: env(
    'PORTFOLIOS_AHEAD_TOLERANCE_MS',
    integer(300_000, 0, 86_400_000),
    'How far in the future the asOf of a snapshot or quote may lie, ms',
  ),
  historyPointsMax: env(
    'PORTFOLIOS_HISTORY_POINTS_MAX',
    integer(5000, 10, 50_000),
    'How many points one answer of a portfolio history may hold',
  ),
});

export type PortfoliosConfig = SliceValue<typeof portfoliosConfig>;
