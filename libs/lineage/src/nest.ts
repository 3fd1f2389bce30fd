export { LineageInterceptor, type LineageInterceptorOptions } from './lineage.interceptor';
export { LineageModule } from './lineage.module';
export { LineageRecorder } from './recorder';
export { ReplayHandler, type ReplayHandlerOptions } from './replay-handler';
export { TracedAdapter, type TracedAdapterOptions } from './traced-adapter';
