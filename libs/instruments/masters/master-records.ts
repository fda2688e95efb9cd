/** Some records of a master, in the order of its lines. */
export interface RecordBatch {
  records: string[][];
  /** The line (JSON: the element) where each record starts; `firstLine + index` when undefined. */
  lines?: number[];
  firstLine: number;
  /** Records that the format itself spoilt, e.g. a quote that never closes. */
  broken: { line: number; reason: string; excerpt: string }[];
}

/** A master's header and what follows, read as a stream. */
export interface MasterRecords {
  header: string[];
  batches: AsyncIterable<RecordBatch>;
}
