/** When something is expected to be open. */
export interface VenueHours {
  isOpen(at: number): boolean;
  /** Open time between two moments, ms; at most that of the last 30 days. */
  openMsBetween(from: number, to: number): number;
}

/** The hours of what keeps none. */
export const ALWAYS_OPEN: VenueHours = {
  isOpen: () => true,
  openMsBetween: (from, to) => Math.max(0, to - from),
};
