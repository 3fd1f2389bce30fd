import { eventually, freePort, startProcess, type TestProcess } from '@factflow/testing';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A NATS server with JetStream. */
export interface Broker {
  readonly url: string;
  /** it is there without us, and stays: what was made on it has to be taken away */
  readonly shared: boolean;
  readonly connection: NatsConnection;
  stop(): Promise<void>;
}

/**
 * The server at `NATS_URL`, or one of our own, its files in a folder that goes with it.
 * @throws when neither is there; `npm test` leaves the suite out then
 */
export async function startBroker(): Promise<Broker> {
  const given = process.env['NATS_URL'];
  if (given) {
    const connection = await connect({ servers: given });
    return { url: given, shared: true, connection, stop: () => connection.close() };
  }
  const folder = mkdtempSync(join(tmpdir(), 'factflow-nats-'));
  const port = await freePort();
  const server = startProcess('nats-server', ['-js', '-sd', folder, '-a', '127.0.0.1', '-p', String(port)]);
  const url = `nats://127.0.0.1:${port}`;
  const connection = await connected(url, server);
  return {
    url,
    shared: false,
    connection,
    stop: async () => {
      await connection.close();
      await server.stop();
      rmSync(folder, { recursive: true });
    },
  };
}

const connected = async (url: string, server: TestProcess): Promise<NatsConnection> => {
  await server.waitForOutput('Server is ready');
  return eventually(() => connect({ servers: url, reconnect: false }), `a connection to ${url}`);
};
