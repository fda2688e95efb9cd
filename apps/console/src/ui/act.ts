import { useMutation, type UseMutationResult, useQueryClient } from '@tanstack/react-query';
import { useToast } from './toast.js';

interface ActOptions<Input, Output> {
  /** What the toast says when it is done: "Alert acknowledged". */
  done?: string | ((output: Output, input: Input) => string);
  /** Reverses the act: the toast offers it. */
  undo?: (input: Input, output: Output) => Promise<unknown>;
  /** Runs before the lists are read again. */
  then?: (output: Output, input: Input) => void;
  /** The form shows the problem itself, beside its fields. */
  quiet?: boolean;
}

/** An act on the server: a toast says what was done, or the problem with its correlation id. Afterwards all lists are read again. */
export function useAct<Input = void, Output = unknown>(
  act: (input: Input) => Promise<Output>,
  { done, undo, then, quiet = false }: ActOptions<Input, Output> = {},
): UseMutationResult<Output, Error, Input> {
  const toast = useToast();
  const client = useQueryClient();
  const reversal = useMutation({
    mutationFn: (reverse: () => Promise<unknown>) => reverse(),
    onSuccess: () => client.invalidateQueries(),
    onError: (error) => toast.problem(error),
  });
  return useMutation({
    mutationFn: act,
    onSuccess: async (output, input) => {
      then?.(output, input);
      const text = typeof done === 'function' ? done(output, input) : done;
      const action = undo && { label: 'Undo', run: () => reversal.mutate(() => undo(input, output)) };
      if (text !== undefined) toast(text, action ? { action } : {});
      // `then` may have closed the view of what is removed now. Its query leaves with the next render and must not be asked again.
      await new Promise((resolve) => setTimeout(resolve));
      await client.invalidateQueries();
    },
    onError: (error) => {
      if (!quiet) toast.problem(error);
    },
  });
}
