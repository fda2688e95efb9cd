import { useQuery } from '@tanstack/react-query';
import type { Answer } from '@deskwire/client';
import { useDesk } from '@deskwire/client/react';

type Catalogue = Answer<'/v1/catalogue'>;

/** The event types, fields, operators and formats of the desk. They change only with another version of the desk. */
export function useCatalogue(): Catalogue | undefined {
  const desk = useDesk();
  return useQuery<Catalogue>({
    queryKey: ['/v1/catalogue'],
    queryFn: () => desk.get('/v1/catalogue'),
    staleTime: Number.POSITIVE_INFINITY,
  }).data;
}

/** The event types as the choices of a filter; none before the catalogue is read. */
export function useEventTypeChoices(): { value: string; label: string }[] {
  return (useCatalogue()?.eventTypes ?? []).map(({ type }) => ({ value: type, label: type }));
}
