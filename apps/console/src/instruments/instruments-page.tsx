import { Page, Tabs, useCan, useUrlState } from '../ui/index.js';
import { ContractView } from './contract-view.js';
import { FollowedProvider } from './follow-button.js';
import { ImportsTab } from './imports-tab.js';
import { MappingsTab } from './mappings-tab.js';
import { SearchTab } from './search-tab.js';
import { WatchlistTab } from './watchlist-tab.js';
import '../parts/parts.css';
import './instruments.css';

const FOR_ALL = [
  { value: 'search', title: 'Search' },
  { value: 'watchlist', title: 'Watch list' },
];
const FOR_OPERATORS = [
  { value: 'imports', title: 'Imports' },
  { value: 'mappings', title: 'Mappings' },
];

/** Contracts: search, one contract, the watch list, and for operators the masters that they come from. */
export default function InstrumentsPage() {
  const [contract, setContract] = useUrlState('contract', '');
  const [tab, setTab] = useUrlState('tab', 'search');
  const operates = useCan('operator');
  const tabs = operates ? [...FOR_ALL, ...FOR_OPERATORS] : FOR_ALL;
  if (contract !== '') return <ContractView key={contract} id={contract} onOpen={setContract} />;
  const shown = tabs.some(({ value }) => value === tab) ? tab : 'search';
  return (
    <Page title="Instruments">
      <FollowedProvider>
        <Tabs label="Instruments" tabs={tabs} value={shown} onChange={setTab}>
          {shown === 'search' && <SearchTab onOpen={setContract} mayImport={operates} />}
          {shown === 'watchlist' && <WatchlistTab onOpen={setContract} />}
          {shown === 'imports' && <ImportsTab />}
          {shown === 'mappings' && <MappingsTab />}
        </Tabs>
      </FollowedProvider>
    </Page>
  );
}
