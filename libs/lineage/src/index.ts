export {
  type AdapterCapture,
  type CallCapture,
  type CaptureLevel,
  type CaptureOptions,
  type CapturePlace,
  type PayloadSide,
  type Redact,
} from './capture/capture-options';
export { type PayloadStatus } from './capture/payload-outbox';
export { type ExecutionOptions, type LineageExecution, type RegisterInExecutionOptions } from './execution';
export { type ParentRef, type RegisterOptions } from './facts';
export { HEADER, type LineageHeaders } from './headers';
export { HttpSink, type HttpSinkOptions } from './http.sink';
export { stderrLogger, type LineageLogger } from './logger';
export { type LineageOptions } from './options';
export { type FlushResult, type OutboxStatus } from './outbox-status';
export { type SequenceRange } from './ranges';
export { type CompleteOptions, type LineageRecord, type StartOptions } from './record';
export { createLineageRecorder, LineageRecorder, type RecorderStatus } from './recorder';
export { type ResumeOptions } from './resume';
export { type ResumedRunOptions, type RunOptions } from './run';
export {
  type OutgoingEvent,
  type OutgoingPayload,
  type PayloadResult,
  type RejectedEvent,
  type Sink,
  type SinkResult,
} from './sink';
