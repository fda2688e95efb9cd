export { HostTurnEntity } from './host-turn.entity.js';
