/** A contract as the change feed names it in the topic `quotes`. */
export interface QuotedContract {
  /** Broker, a blank, and the broker's key of the contract. A broker's name has no blank. */
  name: string;
  broker: string;
  key: string;
}

export function quotedContract(name: string): QuotedContract {
  const blank = name.indexOf(' ');
  return { name, broker: name.slice(0, blank), key: name.slice(blank + 1) };
}
