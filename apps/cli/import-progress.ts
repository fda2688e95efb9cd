import { Presets, SingleBar } from 'cli-progress';

const PLAIN_EVERY_MS = 2_000;

/** Shows the progress of an import on stderr: a bar on a terminal, otherwise a line every 2 s. */
export class ImportProgress {
  private readonly bar: SingleBar | undefined;
  private readonly began = performance.now();
  private told = performance.now();

  /** @param totalBytes size of the source before decompression; undefined if unknown */
  constructor(
    private readonly totalBytes: number | undefined,
    quiet: boolean,
  ) {
    if (quiet) {
      this.told = Number.POSITIVE_INFINITY;
    } else if (process.stderr.isTTY) {
      const format =
        totalBytes === undefined
          ? '  {rows} rows | {rate} rows/s'
          : '  {bar} {percentage}% | {rows} rows | {rate} rows/s';
      this.bar = new SingleBar(
        { format, stream: process.stderr, hideCursor: true, clearOnComplete: true, fps: 10 },
        Presets.shades_classic,
      );
      this.bar.start(totalBytes ?? 1, 0, { rows: 0, rate: 0 });
    }
  }

  update(rows: number, bytes: number): void {
    const rate = Math.round(rows / ((performance.now() - this.began) / 1_000));
    if (this.bar) {
      this.bar.update(this.totalBytes === undefined ? 0 : Math.min(bytes, this.totalBytes), {
        rows: rows.toLocaleString('en'),
        rate: rate.toLocaleString('en'),
      });
    } else if (performance.now() - this.told > PLAIN_EVERY_MS) {
      this.told = performance.now();
      const part = this.totalBytes ? ` (${Math.floor((bytes / this.totalBytes) * 100)} %)` : '';
      process.stderr.write(`${rows} rows read${part}, ${rate} rows/s\n`);
    }
  }

  stop(): void {
    this.bar?.stop();
  }
}
