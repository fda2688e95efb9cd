import { useState } from 'react';
import type { ListPath, QueryOf } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';
import { Button } from './button.js';
import { filledOf } from './list.js';
import { saveText } from './save-text.js';
import { useToast } from './toast.js';

interface CsvLinkProps<Path extends ListPath> {
  /** A list of the API. Its form `format=csv` has all rows of the query, safe against formulas. */
  path: Path;
  /** Empty filters are left out. */
  query?: { [Name in keyof QueryOf<Path>]?: QueryOf<Path>[Name] | '' };
  /** Name of the file, without `.csv`. */
  name: string;
}

/** Downloads a list as CSV. */
export function CsvLink<Path extends ListPath>({ path, query = {}, name }: CsvLinkProps<Path>) {
  const desk = useDesk();
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const text = (await desk.get(path, { query: { ...filledOf(query), format: 'csv' } } as never)) as string;
      saveText(`${name}.csv`, 'text/csv', text);
    } catch (error) {
      toast.problem(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button icon="download" busy={busy} onClick={() => void download()}>
      CSV
    </Button>
  );
}
