export { cutOffProxy, type CutOffProxy, type Direction } from './cut-off-proxy';
export { eventually } from './eventually';
export { freePort } from './free-port';
export { scratchDatabase, type ScratchDatabase } from './scratch-database';
export { startProcess, type ProcessExit, type StartProcessOptions, type TestProcess } from './start-process';
export { templateDatabase, type TemplateDatabase } from './template-database';
