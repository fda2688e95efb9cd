import { useState } from 'react';

/** The last value that was there: what is shown stays while the desk answers another question, or removes what it is about. */
export function useKept<Value>(value: Value | undefined): Value | undefined {
  const [kept, setKept] = useState(value);
  if (value !== undefined && value !== kept) setKept(value);
  return value ?? kept;
}
