import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';

/** Changes a backup in this folder. */
type Alter = (folder: string) => void;

const usersIn = (folder: string) => join(folder, 'users.copy.gz');

function manifest(alter: (manifest: any) => void): Alter {
  return (folder) => {
    const file = join(folder, 'manifest.json');
    const whole = JSON.parse(readFileSync(file, 'utf8'));
    alter(whole);
    writeFileSync(file, JSON.stringify(whole));
  };
}

function users(alter: (rows: string) => string): Alter {
  return (folder) => {
    const file = usersIn(folder);
    writeFileSync(file, gzipSync(alter(gunzipSync(readFileSync(file)).toString())));
  };
}

/** What is wrong with a backup, how it comes to be so, and what the restore says. */
export const ALTERATIONS: readonly [what: string, alter: Alter, says: string | readonly string[]][] = [
  ['a changed row', users((rows) => rows.replace('demo', 'dema')), 'is damaged'],
  [
    'a file cut short',
    (folder) => writeFileSync(usersIn(folder), readFileSync(usersIn(folder)).subarray(0, -20)),
    'cannot be restored',
  ],
  ['a missing file', (folder) => rmSync(usersIn(folder)), 'is missing'],
  ['no manifest', (folder) => rmSync(join(folder, 'manifest.json')), 'no complete backup'],
  ['a changed schema.txt', (folder) => writeFileSync(join(folder, 'schema.txt'), 'column a.b text\n'), 'is damaged'],
  [
    'an unknown migration',
    manifest(({ migrations }) => migrations.push({ name: 'Later1999999999999', checksum: 'x' })),
    'newer version',
  ],
  ['an edited migration', manifest(({ migrations }) => (migrations[3].checksum = 'another')), 'of another schema'],
  ['an unknown format', manifest((whole) => (whole.format = 2)), 'cannot be read by this version'],
  [
    'a manifest of a table less, and of a sequence, a column and the partition of a table that the desk does not have',
    manifest(({ tables, sequences, partitions }) => {
      tables.splice(
        tables.findIndex(({ table }: { table: string }) => table === 'alerts'),
        1,
      );
      tables[0].columns[0] = 'x) FROM PROGRAM $$touch /tmp/x$$ --';
      sequences.push({ sequence: 'others_seq', value: '1', called: true });
      partitions[0].parent = 'pg_class';
    }),
    ['+ table alerts (', '(x) FROM PROGRAM', '- sequence others_seq', ' of pg_class'],
  ],
  [
    'a name of a table that is SQL',
    manifest(({ tables }) => (tables[0].table = 'users; DROP TABLE alerts')),
    'tables.0.table: not the name of a table or sequence',
  ],
  [
    'a bound of a partition that is SQL',
    manifest(({ partitions }) => (partitions[0].bound = 'DEFAULT; DROP TABLE users')),
    'partitions.0.bound: not the bound of a range',
  ],
];
