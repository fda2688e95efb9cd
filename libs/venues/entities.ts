export { VenueDayEntity } from './venue-day.entity.js';
