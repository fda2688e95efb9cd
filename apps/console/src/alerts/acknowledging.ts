interface Acknowledgeable {
  id: string;
  acknowledgedAt: string | null;
  acknowledgedBy: string | null;
}

interface AlertPages<A> {
  pages: readonly { items: readonly A[] }[];
}

/** The loaded pages with some alerts acknowledged, before the desk has answered. Others keep their identity. */
export function acknowledgePages<A extends Acknowledgeable, P extends AlertPages<A>>(
  loaded: P,
  ids: ReadonlySet<string>,
  by: { userId: string | null; at: Date },
): P {
  let isChanged = false;
  const pages = loaded.pages.map((page) => {
    const items = page.items.map((alert) => {
      if (!ids.has(alert.id) || alert.acknowledgedAt !== null) return alert;
      isChanged = true;
      return { ...alert, acknowledgedAt: by.at.toISOString(), acknowledgedBy: by.userId };
    });
    return { ...page, items };
  });
  return isChanged ? { ...loaded, pages } : loaded;
}
