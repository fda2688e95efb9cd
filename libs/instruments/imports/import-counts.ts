/** Changes of a broker's contracts by an import. */
export interface ImportCounts {
  inserted: number;
  updated: number;
  unchanged: number;
  relisted: number;
  delisted: number;
  /** Skipped rows. The import's issues have line and reason. */
  quarantined: number;
  /** Rows that the filters of the mapping left out. */
  filtered: number;
  /** Rows imported with a warning: a blank or repeated symbol, a repeated key. */
  warnings: number;
}

/** The answer of an import or rollback. */
export interface ImportResult extends ImportCounts {
  importId: string;
  durationMs: number;
}
