/** Consecutive records of a master. */
export interface RecordBatch {
  records: string[][];
  /** Line (JSON: element) at which each record starts. `firstLine + index` if undefined. */
  lines?: number[];
  firstLine: number;
  /** Records that violate the format itself, e.g. a quote that never closes. */
  broken: { line: number; reason: string; excerpt: string }[];
}

/** A master's header and its records, read as a stream. */
export interface MasterRecords {
  header: string[];
  batches: AsyncIterable<RecordBatch>;
}
