export { Background } from './background.decorator.js';
export { BackgroundModule } from './background.module.js';
export { BackgroundTasks } from './background-tasks.js';
export type { TaskView } from './background-task.js';
export { type BackgroundConfig, backgroundConfig } from './background.config.js';
export { DeskRole } from './desk-role.js';
export { Retention } from './retention.js';
