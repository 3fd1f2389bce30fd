export { eventually } from './eventually';
export { freePort } from './free-port';
export { scratchDatabase, type ScratchDatabase } from './scratch-database';
export { templateDatabase, type TemplateDatabase } from './template-database';
