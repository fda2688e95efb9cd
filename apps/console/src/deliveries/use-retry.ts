import { useDesk } from '@deskwire/client/react';
import { useAct, useConfirm } from '../ui/index.js';

/** As many ids as one request may name. */
const MOST_AT_ONCE = 500;

/** Sends deliveries again, after a question: the receiver may get a message twice. */
export function useRetry(then?: () => void) {
  const desk = useDesk();
  const confirm = useConfirm();
  const act = useAct(
    async (ids: readonly string[]) => {
      let retried = 0;
      for (let at = 0; at < ids.length; at += MOST_AT_ONCE)
        retried += (await desk.post('/v1/deliveries/retry', { body: { ids: ids.slice(at, at + MOST_AT_ONCE) } }))
          .retried;
      return retried;
    },
    {
      done: (retried, ids) =>
        retried === ids.length
          ? `${counted(retried)} will be sent again`
          : `${retried} of ${counted(ids.length)} will be sent again. The others are being sent, or their webhook is gone`,
      ...(then && { then }),
    },
  );
  const ask = async (ids: readonly string[]) => {
    const agreed = await confirm({
      title: `Send ${counted(ids.length)} again?`,
      body: 'Each keeps its message id, so a receiver can recognise a message that it already has.',
      act: 'Send again',
      tone: 'accent',
    });
    if (agreed) act.mutate(ids);
  };
  return { ask, isBusy: act.isPending };
}

function counted(deliveries: number): string {
  return deliveries === 1 ? '1 delivery' : `${deliveries} deliveries`;
}
