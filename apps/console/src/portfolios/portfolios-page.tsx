import { Button, Page, Tabs, useCan, useUrlForm, useUrlState } from '../ui/index.js';
import { ImportDialog } from './import-dialog.js';
import { PortfolioDetail } from './portfolio-detail.js';
import { PortfolioList } from './portfolio-list.js';
import { PositionsTable } from './positions-table.js';
import '../parts/parts.css';
import './portfolios.css';

const TABS = [
  { value: 'portfolios', title: 'Portfolios' },
  { value: 'positions', title: 'All positions' },
];

/** Portfolios with their totals, all positions, or one portfolio: which of them is in the address. */
export default function PortfoliosPage() {
  const [portfolioId, setPortfolioId] = useUrlState('portfolio', '');
  const [tab, setTab] = useUrlState('tab', 'portfolios');
  const [importing, add] = useUrlForm('add');
  const mayImport = useCan('trader');
  const close = () => setPortfolioId('');
  if (portfolioId !== '') return <PortfolioDetail key={portfolioId} portfolioId={portfolioId} onClose={close} />;
  const startImport = mayImport ? () => add(true) : undefined;
  return (
    <Page title="Portfolios" actions={startImport && <Button onClick={startImport}>Import from a broker</Button>}>
      <Tabs label="What to list" tabs={TABS} value={tab} onChange={setTab}>
        {tab === 'positions' ? (
          <PositionsTable onPortfolio={setPortfolioId} />
        ) : (
          <PortfolioList onOpen={setPortfolioId} onImport={startImport} />
        )}
      </Tabs>
      {importing && mayImport && <ImportDialog onClose={() => add(false)} onStored={setPortfolioId} />}
    </Page>
  );
}
