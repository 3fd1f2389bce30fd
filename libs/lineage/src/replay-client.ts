import { setTimeout as pause } from 'node:timers/promises';
import type { ReplayAnswer, ReplayConnection, ReplayRequest } from './replay-connection';

/** A message to replay, as the command app hands it out. */
export interface Job {
  readonly job: string;
  readonly route_id: string;
  readonly adapter_name: string;
  readonly attempt: number;
  readonly inputs: readonly { readonly key: string; readonly content_type: string }[];
  /** the message is a list, each input an item of it */
  readonly joined: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

/** An adapter that work is taken for. */
export interface Wanted {
  readonly adapter_name: string;
  readonly route_id?: string;
}

/** What came of telling the command app something. `lost`: somebody else has the job, or it is over. */
export type Told = 'taken' | 'lost';

/** The command app refuses for good. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

const REQUEST_TIMEOUT_MS = 30_000;
const LONGEST_PAUSE_MS = 5000;
const MESSAGE_CHARACTERS = 2000;

/** The routes of the command app for services that replay. */
export class ReplayClient {
  constructor(private readonly connection: ReplayConnection) {}

  /** Waits for work, `waitMs` at most. @throws when the command app does not answer as it should */
  async lease(
    adapters: readonly Wanted[],
    max: number,
    leaseMs: number,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly Job[]> {
    const body = { adapters, max, lease_ms: leaseMs, wait_ms: waitMs };
    const request = { method: 'POST', path: 'lease', body } as const;
    const { jobs } = readJson(await this.ask(request, signal, REQUEST_TIMEOUT_MS + waitMs)) as {
      jobs?: unknown;
    };
    if (!Array.isArray(jobs)) throw new Error('the answer is not that of a command app');
    return jobs as Job[];
  }

  /** The bytes of an input. @throws Refused when they cannot be had @throws Error when it may be tried again */
  async input(job: string, key: string, signal: AbortSignal): Promise<Buffer> {
    const path = `${job}/inputs/${encodeURIComponent(key)}`;
    const answer = await this.ask({ method: 'GET', path }, signal, REQUEST_TIMEOUT_MS);
    if (answer.status === 200) return answer.body;
    throw refusalOf(answer);
  }

  extend(job: string, leaseMs: number, signal: AbortSignal): Promise<Told> {
    return this.tell({ method: 'POST', path: `${job}/extend`, body: { lease_ms: leaseMs } }, signal);
  }

  complete(job: string, signal: AbortSignal): Promise<Told> {
    return this.tell({ method: 'POST', path: `${job}/complete`, body: {} }, signal);
  }

  fail(
    job: string,
    error: { readonly class: string; readonly message: string },
    retry: boolean,
    signal: AbortSignal,
  ): Promise<Told> {
    // The record has all of it.
    const short = { class: error.class, message: error.message.slice(0, MESSAGE_CHARACTERS) };
    return this.tell({ method: 'POST', path: `${job}/fail`, body: { error: short, retry } }, signal);
  }

  /** Says it until it is taken, refused, or nobody wants to know any more. */
  private async tell(request: Omit<ReplayRequest, 'signal'>, signal: AbortSignal): Promise<Told> {
    for (let ms = 100; !signal.aborted; ms = Math.min(2 * ms, LONGEST_PAUSE_MS)) {
      const status = await this.ask(request, signal, REQUEST_TIMEOUT_MS).then(
        (answer) => answer.status,
        () => 0,
      );
      if (status === 200) return 'taken';
      if (status >= 400 && status < 500 && status !== 408 && status !== 429) return 'lost';
      await pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
    }
    return 'lost';
  }

  private ask(
    request: Omit<ReplayRequest, 'signal'>,
    signal: AbortSignal,
    timeoutMs: number,
  ): Promise<ReplayAnswer> {
    const timeout = AbortSignal.timeout(timeoutMs);
    return this.connection.ask({ ...request, signal: AbortSignal.any([signal, timeout]) });
  }
}

function readJson(answer: ReplayAnswer): unknown {
  if (answer.status !== 200) throw refusalOf(answer);
  return JSON.parse(answer.body.toString()) as unknown;
}

function refusalOf({ status, body }: ReplayAnswer): Error {
  const reason = `answered ${status}${detailOf(body)}`;
  return status === 404 || status === 409 ? new Refused(reason) : new Error(reason);
}

function detailOf(body: Buffer): string {
  try {
    const { detail } = JSON.parse(body.toString()) as { detail?: unknown };
    return typeof detail === 'string' ? `: ${detail}` : '';
  } catch {
    return '';
  }
}
