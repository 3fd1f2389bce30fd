import type { CarriedRecord } from '@factflow/domain';
import { startExecution } from './execution';
import { property, type RegisterOptions } from './facts';
import { decodeHeader, type HeaderProblem } from './headers';
import type { Marks } from './metadata';
import { LiveRecord, NO_RECORD, registerRecord, type FactPort, type LineageRecord } from './record';
import type { RunOptions } from './run';
import { readTraceContext, traceIdNow, type TraceContext } from './trace-context';

/** How to go on with a record another process registered. */
export interface ResumeOptions {
  /**
   * which delivery of the message this is, from 1. Default 1. Only the broker knows: JetStream `message.info.deliveryCount`;
   * RabbitMQ `x-delivery-count` + 1, with quorum queues; Kafka does not count
   */
  readonly attempt?: number;
  /** laid into the registration of a later attempt */
  readonly metadata?: Readonly<Record<string, unknown>>;
  /** what to register when the message carries no readable header, in an execution of its own that ends as the record does. Default: nothing */
  readonly otherwise?: RunOptions;
}

/** @param service names an execution of its own that nobody named */
export function resume(port: FactPort, service: string, headers: unknown, options: unknown): LineageRecord {
  const carried = decodeHeader(headers);
  if (typeof carried === 'string')
    return registerOtherwise(
      port,
      service,
      property(options, 'otherwise'),
      carried,
      readTraceContext(headers),
    );
  const trace = readTraceContext(headers);
  const attempt = Number(property(options, 'attempt') ?? 1);
  if (attempt > 1) return registerRetry(port, carried, property(options, 'metadata'), trace);
  const { executionId, registration } = carried;
  return new LiveRecord(port, executionId, registration, { trace, traceId: traceIdNow(trace) });
}

function registerOtherwise(
  port: FactPort,
  service: string,
  otherwise: unknown,
  problem: HeaderProblem,
  trace: TraceContext | undefined,
): LineageRecord {
  if (typeof otherwise !== 'object' || otherwise === null) return NO_RECORD;
  const execution = startExecution(port, { name: property(otherwise, 'executionName') ?? service });
  const place = { executionId: execution.id, parents: [], marks: new Map([['resume', problem]]) };
  return registerRecord(port, otherwise as RegisterOptions, place, { trace, execution });
}

function registerRetry(
  port: FactPort,
  { executionId, registration, moreParents }: CarriedRecord,
  metadata: unknown,
  trace: TraceContext | undefined,
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
    metadata,
  };
  const parents = parentId === undefined ? [] : [parentId, ...joinedParentIds];
  return registerRecord(port, options as RegisterOptions, { executionId, parents, marks }, { trace });
}
