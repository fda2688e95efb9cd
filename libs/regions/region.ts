/** A place on Earth, in degrees. */
export interface Place {
  latitude: number;
  longitude: number;
}

/** One deployment of the desk. */
export interface Region {
  name: string;
  /** Where clients and probes reach it, without a slash at the end. */
  url: string;
  place: Place | null;
}

const SHAPE = /^([a-z][a-z0-9-]{0,39})=([^@\s]+?)\/*(?:@(-?\d{1,2}(?:\.\d+)?)\/(-?\d{1,3}(?:\.\d+)?))?$/;

/** Reads `name=url@latitude/longitude`; the place is optional. @returns undefined if the text is not that */
export function regionOf(text: string): Region | undefined {
  const [, name, url, latitude, longitude] = SHAPE.exec(text) ?? [];
  if (name === undefined || url === undefined || !isWebUrl(url)) return undefined;
  if (latitude === undefined || longitude === undefined) return { name, url, place: null };
  const place = { latitude: Number(latitude), longitude: Number(longitude) };
  return isPlace(place) ? { name, url, place } : undefined;
}

/** Whether it is an http or https URL without user, query and fragment, to which a path can be appended. */
export function isWebUrl(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return [url.username, url.password, url.search, url.hash].every((part) => part === '');
}

function isPlace({ latitude, longitude }: Place): boolean {
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180;
}

const EARTH_RADIUS_KM = 6_371;
const radians = (degrees: number) => (degrees * Math.PI) / 180;

/** Great-circle distance (haversine), in km. */
export function distanceKm(from: Place, to: Place): number {
  const [north, east] = [radians(to.latitude - from.latitude), radians(to.longitude - from.longitude)];
  const half =
    Math.sin(north / 2) ** 2 +
    Math.cos(radians(from.latitude)) * Math.cos(radians(to.latitude)) * Math.sin(east / 2) ** 2;
  return 2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}
