export { beside } from './beside.js';
export { type Owned, type OwnedList, ownedList, replaceItems } from './owned-list.js';
export { onceForRows, RowWindow, windowOf, windowParameters, windowSchema } from './row-window.js';
export { sameJson } from './same-json.js';
export { type PanelChanges, SnapshotPanel } from './snapshot-panel.js';
export { ownerKey, type Viewer } from './viewer.js';
