export { TradingSessionEntity } from './trading-session.entity.js';
