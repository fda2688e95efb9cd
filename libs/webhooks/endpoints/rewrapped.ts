/** Result of a rewrap. */
export interface Rewrapped {
  /** Sealed again with the current key. */
  rewrapped: number;
  /** Sealed with the current key already, or replaced meanwhile. */
  current: number;
  /** Ids that no key of the ring opens. */
  failed: string[];
}
