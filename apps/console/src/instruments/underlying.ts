interface Contract {
  readonly tradingsymbol: string;
  readonly name: string;
  readonly expiry: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The underlying by which the desk files the series of a contract: what the master names; else its name, if the symbol starts
 * with it; else the symbol up to its first digit. A share is its own underlying.
 */
export function underlyingOf({ tradingsymbol, name, expiry, attributes }: Contract): string {
  const symbol = tradingsymbol.toUpperCase();
  if (expiry === null) return symbol.replace(/-[A-Z]{1,2}$/, '');
  const named = attributes['underlying']?.toUpperCase();
  if (named) return named;
  const upper = name.toUpperCase();
  if (upper !== '' && symbol.startsWith(upper)) return upper;
  const letters = symbol.split(/\d| FUT/)[0]!.replace(/[-_: ]+$/, '');
  return letters || upper || symbol;
}
