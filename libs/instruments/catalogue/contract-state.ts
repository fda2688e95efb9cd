/** A contract at one time, with the fields that an import can change. Decimals are strings without trailing zeros. */
export interface ContractState {
  key: string;
  exchange: string;
  segment: string | null;
  tradingsymbol: string;
  name: string;
  type: string | null;
  expiry: string | null;
  strike: string | null;
  tickSize: string | null;
  lotSize: string | null;
  /** Other columns of the master, as text. */
  attributes: Readonly<Record<string, string>>;
}

/** A field that differs. Null: it has no value. */
export interface FieldChange {
  field: string;
  before: string | null;
  after: string | null;
}

/** SQL for a ContractState of a row of `instruments`, as JSON. Decimals are text, because a number of JSON loses digits. */
export function contractStateSql(row: string): string {
  return `jsonb_build_object('key', ${row}.instrument_key, 'exchange', ${row}.exchange, 'segment', ${row}.segment,
    'tradingsymbol', ${row}.tradingsymbol, 'name', ${row}.name, 'type', ${row}.instrument_type, 'expiry', ${row}.expiry::text,
    'strike', trim_scale(${row}.strike)::text, 'tickSize', trim_scale(${row}.tick_size)::text,
    'lotSize', trim_scale(${row}.lot_size)::text, 'attributes', ${row}.attributes)`;
}

/** The fields that differ. Those of `attributes` are named `attributes.NAME`. */
export function contractDiff(before: ContractState, after: ContractState): FieldChange[] {
  const [earlier, later] = [flat(before), flat(after)];
  return [...new Set([...earlier.keys(), ...later.keys()])]
    .map((field) => ({ field, before: earlier.get(field) ?? null, after: later.get(field) ?? null }))
    .filter((change) => change.before !== change.after);
}

function flat({ attributes, ...fields }: ContractState): Map<string, string | null> {
  return new Map<string, string | null>([
    ...Object.entries(fields),
    ...Object.entries(attributes).map(([name, value]): [string, string] => [`attributes.${name}`, value]),
  ]);
}
