import { useSearchParams } from 'wouter';

/** Changes of the same parameters within this time are one step of the browser's history: a person who types makes one. */
const ONE_STEP_MS = 1_500;

/** Changes of different parameters within this time are one act, such as closing a detail for another: one step, too. */
const ONE_ACT_MS = 50;
const last = { names: '', at: -Infinity };

/** Whether a change of these parameters belongs to the current step of the history. */
function stepOf(names: string): { replace: boolean } {
  const passed = performance.now() - last.at;
  const replace = passed < (last.names === names ? ONE_STEP_MS : ONE_ACT_MS);
  Object.assign(last, { names, at: performance.now() });
  return { replace };
}

/** New values of some parameters. An empty one removes its parameter. */
export type UrlChange = Readonly<Record<string, string | readonly string[]>>;

/** The query of the address, and a function that changes parameters of it in one step. Others stay. */
export function useUrlParams(): [URLSearchParams, (change: UrlChange, step?: { replace: boolean }) => void] {
  const [params, setParams] = useSearchParams();
  const change = (values: UrlChange, step = stepOf(Object.keys(values).join())) =>
    setParams(() => {
      // The address as it is now: another parameter may have changed since the component was rendered.
      const after = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(values)) {
        after.delete(name);
        for (const each of [value].flat()) if (each !== '') after.append(name, each);
      }
      return after;
    }, step);
  return [params, change];
}

/**
 * A text in the query of the address, as `useState` has it: a link to the page has it, too, and the back button undoes it. The
 * fallback is not written.
 */
export function useUrlState<T extends string = string>(name: string, fallback: NoInfer<T>): [T, (value: T) => void] {
  const [params, change] = useUrlParams();
  const value = (params.get(name) as T | null) ?? fallback;
  return [value, (next) => change({ [name]: next === fallback ? '' : next })];
}

/**
 * Whether a form is open, in the query of the address: a reload opens it again. It is no step of the history, because the back button
 * must not open a form that was sent.
 */
export function useUrlForm(name: string): [open: boolean, setOpen: (open: boolean) => void] {
  const [params, change] = useUrlParams();
  return [params.has(name), (open) => change({ [name]: open ? 'true' : '' }, { replace: true })];
}
