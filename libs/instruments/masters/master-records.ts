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
  /** Names of the columns. Grows while a JSON master is read, because its elements need not have the same names. */
  readonly header: readonly string[];
  readonly batches: AsyncIterable<RecordBatch>;
  /** False if the file says that it is one page of several. Known when all batches have been read. */
  readonly whole: boolean;
  /** Columns of the mapping that occurred in no record. Known when all batches have been read. */
  readonly unseen: readonly string[];
}
