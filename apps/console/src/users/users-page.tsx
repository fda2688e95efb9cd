import type { QueryOf } from '@deskwire/client';
import { useState } from 'react';
import { ChoiceFilter, FilterBar, TextFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import {
  Badge,
  Button,
  type Column,
  CsvLink,
  DataTable,
  Empty,
  Page,
  Time,
  useList,
  useSort,
  useUrlState,
} from '../ui/index.js';
import { AddUser } from './add-user.js';
import type { Person } from './people.js';
import { highestRole, USER_ROLES, type UserRole } from './role-words.js';
import { UserDetail } from './user-detail.js';
import '../parts/parts.css';

const ROLE_CHOICES = USER_ROLES.map((value) => ({ value, label: value }));
const STATES = [
  { value: 'false', label: 'Enabled' },
  { value: 'true', label: 'Disabled' },
];

/** Who may use the desk, and as what. For admins. */
export default function UsersPage() {
  const filters = useFilters(['find', 'role', 'disabled']);
  const { one, set } = filters;
  const [chosen, setChosen] = useUrlState('user', '');
  const [adding, setAdding] = useState(false);
  const sort = useSort(COLUMNS, 'email');
  const query = {
    ...(one.find !== '' && { query: one.find }),
    ...(one.role !== '' && { role: [one.role as UserRole] }),
    ...(one.disabled !== '' && { disabled: one.disabled as 'true' | 'false' }),
    sort: sort.value as QueryOf<'/v1/users'>['sort'],
  };
  const list = useList('/v1/users', query);
  return (
    <Page
      title="Users"
      actions={
        <>
          <CsvLink name="users" path="/v1/users" query={query} />
          <Button tone="accent" onClick={() => setAdding(true)}>
            Add a user
          </Button>
        </>
      }
    >
      <FilterBar label="Filters of users" isFiltered={filters.isFiltered} onClear={filters.clear}>
        <TextFilter label="Find" value={one.find} placeholder="e-mail or name" onChange={(find) => set({ find })} />
        <ChoiceFilter
          label="Role"
          value={one.role}
          any="Any role"
          choices={ROLE_CHOICES}
          onChange={(role) => set({ role })}
        />
        <ChoiceFilter
          label="State"
          value={one.disabled}
          any="Any state"
          choices={STATES}
          onChange={(disabled) => set({ disabled })}
        />
      </FilterBar>
      <DataTable
        {...list}
        sort={sort}
        label="Users"
        columns={COLUMNS}
        rowKey={(row) => row.id}
        onRow={(row) => setChosen(row.id)}
        empty={<Empty title="No user fits the filter" next="Clear the text, the role or the state, or add a user." />}
      />
      {chosen !== '' && <UserDetail key={chosen} id={chosen} onClose={() => setChosen('')} />}
      {adding && <AddUser onClose={() => setAdding(false)} />}
    </Page>
  );
}

const COLUMNS: readonly Column<Person>[] = [
  { key: 'email', title: 'E-mail', sort: 'email', cell: (row) => <b>{row.email}</b> },
  { key: 'name', title: 'Name', wide: true, cell: (row) => row.displayName },
  {
    key: 'role',
    title: 'Role',
    width: 100,
    cell: (row) => {
      const role = highestRole(row.roles);
      return <Badge tone={role === 'admin' ? 'warn' : role === 'operator' ? 'info' : 'plain'}>{role}</Badge>;
    },
  },
  {
    key: 'state',
    title: 'State',
    width: 120,
    cell: (row) => (
      <>
        {row.disabledAt === null ? 'enabled' : <Badge tone="bad">disabled</Badge>} {row.isDemo && <Badge>demo</Badge>}
      </>
    ),
  },
  {
    key: 'created',
    title: 'Added',
    width: 246,
    wide: true,
    sort: 'createdAt',
    cell: (row) => <Time value={row.createdAt} />,
  },
];
