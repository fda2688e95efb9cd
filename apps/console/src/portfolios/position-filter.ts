interface Named {
  readonly key: string;
  readonly tradingsymbol: string | null;
  readonly name: string | null;
  readonly flags: readonly string[];
}

/** Whether every word of the text is in the symbol, the name or the key, whatever their case. */
export function fitsPosition(position: Named, text: string, onlyFlagged: boolean): boolean {
  if (onlyFlagged && position.flags.length === 0) return false;
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const said = `${position.tradingsymbol ?? ''} ${position.name ?? ''} ${position.key}`.toLowerCase();
  return words.every((word) => said.includes(word));
}
