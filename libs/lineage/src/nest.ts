export { LineageInterceptor, type LineageInterceptorOptions } from './lineage.interceptor';
export { LineageModule } from './lineage.module';
export { LineageRecorder } from './recorder';
export { TracedAdapter, type TracedAdapterOptions } from './traced-adapter';
