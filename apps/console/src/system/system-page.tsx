import { Page, Tabs, useUrlState } from '../ui/index.js';
import { HealthTab } from './health-tab.js';
import { RegionsTab } from './regions-tab.js';
import { BreakersTab, CachesTab, LimitsTab, TasksTab } from './runtime-tabs.js';
import './system.css';

const TABS = [
  { value: 'health', title: 'Health', body: HealthTab },
  { value: 'breakers', title: 'Breakers', body: BreakersTab },
  { value: 'caches', title: 'Caches', body: CachesTab },
  { value: 'limits', title: 'Limits', body: LimitsTab },
  { value: 'tasks', title: 'Tasks', body: TasksTab },
  { value: 'replication', title: 'Replication', body: RegionsTab },
] as const;

/** State of the process that answers, read every few seconds. */
export default function SystemPage() {
  const [tab, setTab] = useUrlState('tab', 'health');
  const { body: Body } = TABS.find(({ value }) => value === tab) ?? TABS[0];
  return (
    <Page
      title="System"
      about="The process that answers this browser. Other processes of the desk have breakers, caches and tasks of their own."
    >
      <Tabs label="Parts of the system" tabs={TABS} value={tab} onChange={setTab}>
        <Body />
      </Tabs>
    </Page>
  );
}
