import type { CarriedRecord } from '@factflow/domain';
import type { CallCapture } from './capture/capture-options';
import { startExecution } from './execution';
import { property, type RegisterOptions } from './facts';
import { decodeHeader, type HeaderProblem } from './headers';
import { LiveRecord, registerRecord, type FactPort, type Origin } from './live-record';
import type { Marks } from './metadata';
import { NO_RECORD, type LineageRecord } from './record';
import type { RunOptions } from './run';
import { readTraceContext, traceIdNow } from './trace-context';

/** How to go on with a record another process registered. */
export interface ResumeOptions extends CallCapture {
  /**
   * which delivery of the message this is, from 1. Default 1. Only the broker knows: JetStream `message.info.deliveryCount`;
   * RabbitMQ `x-delivery-count` + 1, with quorum queues; Kafka does not count
   */
  readonly attempt?: number;
  /** laid into the registration of a later attempt */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /**
   * the message as it was received: its hash is told when the record is started, beside the one it was registered with,
   * which shows what changed on the way; its bytes are kept where `capture` says so
   */
  readonly input?: unknown;
  /** what to register when the message carries no readable header, in an execution of its own that ends as the record does. Default: nothing */
  readonly otherwise?: RunOptions;
}

/** What only the interceptor says. */
export interface MessageOptions extends ResumeOptions {
  /** the message, which need not be what was registered: told where it is kept, and nowhere else */
  readonly message?: unknown;
}

/** @param service names an execution of its own that nobody named */
export function resume(port: FactPort, service: string, headers: unknown, options: unknown): LineageRecord {
  const carried = decodeHeader(headers);
  if (typeof carried === 'string')
    return registerOtherwise(port, service, property(options, 'otherwise'), carried, {
      trace: readTraceContext(headers),
      received: property(options, 'input'),
    });
  const trace = readTraceContext(headers);
  const { executionId, registration } = carried;
  const { routeId: route, adapterName: adapter } = registration.data;
  const messages = port.messagesOf({ ...callOf(options), route, adapter });
  const received = property(options, 'input') ?? (messages && property(options, 'message'));
  const attempt = Number(property(options, 'attempt') ?? 1);
  if (attempt > 1) return registerRetry(port, carried, options, { trace, received });
  return new LiveRecord(
    port,
    executionId,
    registration,
    { trace, received, traceId: traceIdNow(trace) },
    messages,
  );
}

/** What the call says of the messages of the record. */
function callOf(options: unknown): CallCapture {
  const call: Record<string, unknown> = {};
  for (const name of ['capture', 'redact', 'maxPayloadBytes']) {
    const value = property(options, name);
    if (value !== undefined) call[name] = value;
  }
  return call;
}

function registerOtherwise(
  port: FactPort,
  service: string,
  otherwise: unknown,
  problem: HeaderProblem,
  { trace, received }: Origin,
): LineageRecord {
  if (typeof otherwise !== 'object' || otherwise === null) return NO_RECORD;
  const execution = startExecution(port, { name: property(otherwise, 'executionName') ?? service });
  const place = { executionId: execution.id, parents: [], marks: new Map([['resume', problem]]) };
  const options = received === undefined ? otherwise : { input: received, ...otherwise };
  return registerRecord(port, options as RegisterOptions, place, { trace, execution });
}

function registerRetry(
  port: FactPort,
  { executionId, registration, moreParents }: CarriedRecord,
  resumeOptions: unknown,
  origin: Origin,
): LineageRecord {
  const { routeId, adapterName, parentId, joinedParentIds = [], batchId, inputHash } = registration.data;
  const marks: Marks = new Map(
    moreParents ? [['parents', `${moreParents} did not fit into the header`]] : [],
  );
  const options = {
    route: routeId,
    adapter: adapterName,
    retryOf: registration.id,
    batchId,
    inputHash,
    metadata: property(resumeOptions, 'metadata'),
    ...callOf(resumeOptions),
  };
  const parents = parentId === undefined ? [] : [parentId, ...joinedParentIds];
  return registerRecord(port, options as RegisterOptions, { executionId, parents, marks }, origin);
}
