import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import type { Shipment } from './requests';

/** Sends shipments at once, the requests of each one after the other over one connection, and returns when all is stored. */
export async function sendAll(url: string, shipments: readonly Pick<Shipment, 'bodies'>[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: shipments.length });
  try {
    await Promise.all(
      shipments.map(async ({ bodies }) => {
        for (const body of bodies) await send(url, body, agent);
      }),
    );
  } finally {
    agent.destroy();
  }
}

/** @throws when not every event of the request is stored, and new */
async function send(url: string, body: Buffer, agent: Agent): Promise<void> {
  const { status, answer, retryAfter } = await post(url, body, agent);
  if (status === 503) {
    await pause(retryAfter * 1000);
    return send(url, body, agent);
  }
  const { duplicates, rejected } = JSON.parse(answer) as { duplicates?: number; rejected?: unknown[] };
  if (status !== 200 || duplicates !== 0 || rejected?.length !== 0) {
    throw new Error(`the command app answered ${status} ${answer.slice(0, 500)}`);
  }
}

interface Answer {
  readonly status: number;
  readonly answer: string;
  /** seconds */
  readonly retryAfter: number;
}

// Plain node:http: the generator shares the machine with what it measures, and must take little of it.
function post(url: string, body: Buffer, agent: Agent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/x-ndjson', 'content-length': body.length };
    const sent = request(`${url}/api/v1/events`, { method: 'POST', agent, headers }, (response) => {
      text(response).then(
        (answer) =>
          resolve({
            status: response.statusCode ?? 0,
            answer,
            retryAfter: Number(response.headers['retry-after'] ?? 1),
          }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
