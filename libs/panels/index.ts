export { type Owned, type OwnedList, ownedList, replaceItems } from './owned-list.js';
export { sameJson } from './same-json.js';
export { type PanelChanges, SnapshotPanel } from './snapshot-panel.js';
export { ownerKey, type Viewer, viewerOf } from './viewer.js';
