import { activeTrace, hasOpenTelemetry } from './open-telemetry';
import { readHeader } from './read-header';

// W3C Trace Context travels beside our own header, so that a message keeps its place in a distributed trace where only
// some services have OpenTelemetry. It is read, checked and passed on; nothing in it decides what is recorded where.

/** The trace a message belongs to, as its headers say it: version 00, valid, within the limits. */
export interface TraceContext {
  /** `00-<trace id>-<span id>-<flags>` */
  readonly traceparent: string;
  readonly tracestate?: string;
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const TRACEPARENT_CHARACTERS = 55;
/** What everybody has to pass on at least; longer ones are left out whole. */
const TRACESTATE_CHARACTERS = 512;
const TRACESTATE_MEMBERS = 32;
const MEMBER =
  /^[a-z0-9][a-z0-9_\-*/@]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/** A trace context if both parts hold; a broken `tracestate` is left out, without a `traceparent` there is nothing. */
function traceContextOf(
  traceparent: string | undefined,
  tracestate: string | undefined,
): TraceContext | undefined {
  if (traceparent === undefined || !TRACEPARENT.test(traceparent)) return undefined;
  const state = tracestate === undefined ? undefined : checkedState(tracestate);
  return state === undefined ? { traceparent } : { traceparent, tracestate: state };
}

function checkedState(text: string): string | undefined {
  if (text.length > TRACESTATE_CHARACTERS) return undefined;
  const members = text
    .split(',')
    .map((member) => member.replace(/^[ \t]+|[ \t]+$/g, ''))
    .filter((member) => member !== '');
  const valid = members.length <= TRACESTATE_MEMBERS && members.every((member) => MEMBER.test(member));
  return valid && members.length > 0 ? members.join(',') : undefined;
}

/** The trace context a message came with. Trusts nothing and never throws. */
export const readTraceContext = (headers: unknown): TraceContext | undefined =>
  traceContextOf(
    readHeader(headers, 'traceparent', TRACEPARENT_CHARACTERS).text,
    readHeader(headers, 'tracestate', TRACESTATE_CHARACTERS).text,
  );

/** What a message sent now carries: the span OpenTelemetry is in, else the trace its record came with. */
export function outgoingTrace(carried: TraceContext | undefined): TraceContext | undefined {
  const active = activeTrace();
  return (active && traceContextOf(active.traceparent, active.tracestate)) ?? carried;
}

/** The trace id that is kept in metadata: where OpenTelemetry is present, and there is a trace. */
export function traceIdNow(carried: TraceContext | undefined): string | undefined {
  if (!hasOpenTelemetry()) return undefined;
  const trace = outgoingTrace(carried);
  return trace && TRACEPARENT.exec(trace.traceparent)?.[1];
}
