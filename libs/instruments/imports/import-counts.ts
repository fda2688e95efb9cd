/** What an import did to a broker's contracts. */
export interface ImportCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  relisted: number;
  delisted: number;
  /** Rows left out, with line and reason among the import's issues. */
  quarantined: number;
  /** Rows taken with a remark: a blank or repeated symbol, a key that occurs again. */
  warnings: number;
}

/** The answer of an import or rollback. */
export interface ImportResult extends ImportCounts {
  importId: string;
  durationMs: number;
}
