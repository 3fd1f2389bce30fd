import { fetchWithin } from '@factflow/client';
import { refusal, unanswered } from './api';
import { commandApp } from './peer';
import type { Session } from './session';

/** What the command app is asked to do. */
export interface CommandRequest {
  readonly method: 'PUT' | 'POST' | 'DELETE';
  /** Behind `/api/v1/`. */
  readonly path: string;
  readonly body?: object;
  /** Ends the request. */
  readonly signal?: AbortSignal;
}

/** Asks the command app. @returns its answer, the body unread. @throws CliError when it refuses, or does not answer */
export async function command(
  { context, settings }: Session,
  { method, path, body, signal }: CommandRequest,
): Promise<Response> {
  const peer = commandApp(settings);
  const request = new Request(`${peer.url}/api/v1/${path}`, {
    method,
    headers: {
      ...(settings.token !== undefined && { authorization: `Bearer ${settings.token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    body: body && JSON.stringify(body),
    signal,
  });
  const response = await fetchWithin(context.fetch, request, peer.timeoutMs).catch((cause: unknown) => {
    throw unanswered(cause, peer);
  });
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  throw refusal(problem, response.status, peer, '');
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
