import { fetchWithin } from '@factflow/client';
import { refusal, unanswered } from './api';
import type { CliError } from './cli-error';
import { commandApp } from './peer';
import type { Session } from './session';

/** What the command app is asked to do. */
export interface CommandRequest {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Behind `/api/v1/`. */
  readonly path: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** Sent as it is, instead. */
  readonly content?: Content;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** Bytes, and what they are. */
export interface Content {
  readonly type: string;
  readonly encoding: 'gzip';
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Asks the command app. @returns its answer, whatever it is, the body unread. @throws CliError when there is none */
export async function askCommand(
  { context, settings }: Session,
  { method, path, body, content, signal }: CommandRequest,
): Promise<Response> {
  const peer = commandApp(settings);
  const request = new Request(`${peer.url}/api/v1/${path}`, {
    method,
    headers: {
      ...(settings.token !== undefined && { authorization: `Bearer ${settings.token}` }),
      ...(body && { 'content-type': 'application/json' }),
      ...(content && { 'content-type': content.type, 'content-encoding': content.encoding }),
    },
    body: content ? content.bytes : body && JSON.stringify(body),
    signal,
  });
  return await fetchWithin(context.fetch, request, peer.timeoutMs).catch((cause: unknown) => {
    throw unanswered(cause, peer);
  });
}

/** The same, for a good answer. @throws CliError when it refuses, or does not answer */
export async function command(session: Session, request: CommandRequest): Promise<Response> {
  const response = await askCommand(session, request);
  if (response.ok) return response;
  throw await refusalOf(session, response);
}

/** An answer of the command app that is an error. */
export async function refusalOf({ settings }: Session, response: Response): Promise<CliError> {
  const problem: unknown = await response.json().catch(() => undefined);
  return refusal(problem, response.status, commandApp(settings), '');
}

/** The same for an answer that is one JSON object, of which `Data` is the type. */
export async function commandJson<Data extends object>(
  session: Session,
  request: CommandRequest,
): Promise<Data> {
  const response = await command(session, request);
  const data: unknown = await response.json().catch((cause: unknown) => {
    throw unanswered(cause, commandApp(session.settings));
  });
  if (typeof data === 'object' && data !== null) return data as Data;
  throw refusal(undefined, response.status, commandApp(session.settings), '');
}
