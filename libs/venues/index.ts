export { VENUE_NAMES, type VenueName } from './calendars/calendars.js';
export { VenueCalendar } from './venue-calendar.js';
export { type VenueHours } from './venue-hours.js';
export { Venues } from './venues.js';
export { VenuesModule } from './venues.module.js';
