import { createRequire } from 'node:module';

/** What is used of `@opentelemetry/api`. */
interface Api {
  readonly trace: { getActiveSpan(): { spanContext(): SpanContext } | undefined };
}

interface SpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string };
}

/** null: looked for, and not there */
let api: Api | null | undefined;

// The services that have it brought it themselves; the others must neither need it nor pay for looking again.
function load(): Api | null {
  try {
    return createRequire(import.meta.url)('@opentelemetry/api') as Api;
  } catch {
    return null;
  }
}

/** Whether the service has `@opentelemetry/api` installed. Looked for once. */
export function hasOpenTelemetry(): boolean {
  if (api === undefined) api = load();
  return api !== null;
}

/** The span that is active where this is called, as trace headers; not checked. Never throws. */
export function activeTrace(): { traceparent: string; tracestate?: string } | undefined {
  if (!hasOpenTelemetry()) return undefined;
  try {
    const context = api?.trace.getActiveSpan()?.spanContext();
    if (!context) return undefined;
    const flags = (context.traceFlags & 0xff).toString(16).padStart(2, '0');
    const tracestate = context.traceState?.serialize();
    return {
      traceparent: `00-${context.traceId}-${context.spanId}-${flags}`,
      ...(tracestate ? { tracestate } : {}),
    };
  } catch {
    return undefined;
  }
}
