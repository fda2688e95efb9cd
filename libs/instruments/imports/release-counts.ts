/** What a release did to a broker's contracts. */
export interface ReleaseCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  relisted: number;
  delisted: number;
  /** Rows left out, with line and reason among the release's issues. */
  quarantined: number;
  /** Rows taken with a remark: a blank or repeated symbol, a key that occurs again. */
  warnings: number;
}

/** The answer of an import or rollback. */
export interface ReleaseResult extends ReleaseCounts {
  releaseId: string;
  durationMs: number;
}
