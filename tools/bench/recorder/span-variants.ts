import {
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
  type Context,
  type HrTime,
  type Tracer,
} from '@opentelemetry/api';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { createHash } from 'node:crypto';
import { closeSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { ADAPTER, METADATA, ROUTE, type Invocation, type Task } from './task';

const EXECUTION_ID = '0199aaaa-bbbb-7ccc-8ddd-eeeeffff0000';

/** A span that says what a record says, through a processor. */
function openSpans(processor: SpanProcessor, told: () => string): Invocation {
  const provider = new BasicTracerProvider({ spanProcessors: [processor] });
  const tracer = provider.getTracer('bench');
  const parent = trace.setSpan(ROOT_CONTEXT, tracer.startSpan('chunk'));
  return {
    invoke: (input, output) => invoke(tracer, parent, input, output),
    settle: () => processor.forceFlush(),
    close: async () => {
      await provider.shutdown();
      return told();
    },
  };
}

function invoke(tracer: Tracer, parent: Context, input: Buffer, output: Buffer): void {
  const attributes = {
    'lineage.execution_id': EXECUTION_ID,
    'lineage.route': ROUTE,
    'lineage.adapter': ADAPTER,
    'lineage.worker': METADATA.worker,
    'lineage.attempt': METADATA.attempt,
    'lineage.input_hash': hashOf(input),
  };
  const span = tracer.startSpan(ADAPTER, { attributes }, parent);
  span.setAttribute('lineage.output_hash', hashOf(output));
  span.setStatus({ code: SpanStatusCode.OK });
  span.end();
}

const hashOf = (bytes: Buffer): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** Appends a line to a file when a span starts, and another when it ends; each is with the operating system then. */
export function openSpansInFile({ folder }: Task): Invocation {
  const file = openSync(join(folder, 'spans.ndjson'), 'a');
  let lines = 0;
  const append = (event: string, span: ReadableSpan): void => {
    lines += 1;
    writeSync(file, `${JSON.stringify({ event, ...plainSpan(span) })}\n`);
  };
  const processor: SpanProcessor = {
    onStart: (span) => append('start', span as unknown as ReadableSpan),
    onEnd: (span) => append('end', span),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(closeSync(file)),
  };
  return openSpans(processor, () => `${lines} lines appended`);
}

const plainSpan = (span: ReadableSpan): object => ({
  ...span.spanContext(),
  parentSpanId: span.parentSpanContext?.spanId,
  name: span.name,
  start: millisOf(span.startTime),
  end: span.ended ? millisOf(span.endTime) : undefined,
  status: span.status.code,
  attributes: span.attributes,
});

const millisOf = ([seconds, nanos]: HrTime): number => seconds * 1000 + nanos / 1e6;

/** Exports in batches to nowhere, with the processor's own defaults. */
export function openSpansInMemory(): Invocation {
  let exported = 0;
  const exporter = {
    export: (spans: ReadableSpan[], done: (result: { code: number }) => void): void => {
      exported += spans.length;
      done({ code: 0 });
    },
    shutdown: () => Promise.resolve(),
  };
  return openSpans(new BatchSpanProcessor(exporter), () => `${exported} spans exported, all others dropped`);
}
