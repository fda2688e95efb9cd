import { ChoiceFilter, FilterBar, ManyFilter, TextFilter, TimeFilter } from '../filters/filter-bar.js';
import { useFilters } from '../filters/use-filters.js';
import { useEventTypeChoices } from '../rules/use-catalogue.js';
import { useRules } from '../rules/use-rules.js';
import { SEVERITIES } from './severity.js';

const STATES = [
  { value: 'false', label: 'Open' },
  { value: 'true', label: 'Acknowledged' },
];

export function useAlertFilters() {
  return useFilters(['acknowledged', 'ruleId', 'type', 'ticker', 'from', 'to'], ['severity']);
}

export function AlertFilters({ filters }: { filters: ReturnType<typeof useAlertFilters> }) {
  const { one, many, set } = filters;
  const types = useEventTypeChoices();
  const rules = useRules();
  return (
    <FilterBar label="Filters of alerts" isFiltered={filters.isFiltered} onClear={filters.clear}>
      <ManyFilter
        label="Severity"
        values={many.severity}
        choices={SEVERITIES}
        onChange={(severity) => set({ severity })}
      />
      <ChoiceFilter
        label="State"
        value={one.acknowledged}
        any="Open and acknowledged"
        choices={STATES}
        onChange={(acknowledged) => set({ acknowledged })}
      />
      <ChoiceFilter
        label="Rule"
        value={one.ruleId}
        any="Any rule"
        choices={rules.map(({ id, name }) => ({ value: id, label: name }))}
        onChange={(ruleId) => set({ ruleId })}
      />
      <ChoiceFilter
        label="Event type"
        value={one.type}
        any="Any type"
        choices={types}
        onChange={(type) => set({ type })}
      />
      <TextFilter label="Ticker" value={one.ticker} onChange={(ticker) => set({ ticker })} />
      <TimeFilter span={one} onChange={set} />
    </FilterBar>
  );
}
