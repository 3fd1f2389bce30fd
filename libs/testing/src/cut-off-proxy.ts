import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** Which way bytes go: `request` to the target, `response` back from it. */
export type Direction = 'request' | 'response';

/** A way to a TCP server that a test can cut. */
export interface CutOffProxy {
  /** On 127.0.0.1; the same before, during and after a cut. */
  readonly port: number;
  /** Resets every connection, and every new one, until `restore`. */
  cut(): void;
  restore(): void;
  /**
   * Lets `bytes` more pass in this direction (`request` unless given), all connections together, then resets every
   * connection once; new ones pass. The last piece is passed on up to exactly that many bytes.
   */
  dropAfter(bytes: number, direction?: Direction): void;
  /** Connections that are open now. */
  connections(): number;
  /** Resets every connection and gives the port back. */
  close(): Promise<void>;
}

/** Opens a proxy on 127.0.0.1 in front of `target`, given as a port of 127.0.0.1, as host and port, or as a URL. */
export async function cutOffProxy(
  target: number | string | { readonly host: string; readonly port: number },
): Promise<CutOffProxy> {
  const address = addressOf(target);
  const pairs = new Set<readonly [Socket, Socket]>();
  let isCut = false;
  let limit: { left: number; direction: Direction } | undefined;

  const resetAll = (): void => {
    for (const pair of pairs) for (const socket of pair) reset(socket);
    pairs.clear();
  };
  const relay = (from: Socket, to: Socket, direction: Direction): void => {
    from.on('data', (chunk: Buffer) => {
      if (limit?.direction !== direction || chunk.length < limit.left) {
        if (limit?.direction === direction) limit.left -= chunk.length;
        if (!to.write(chunk)) from.pause();
        return;
      }
      const { left } = limit;
      limit = undefined;
      from.pause();
      // Only once the last bytes have left: a reset throws away what still waits.
      to.write(chunk.subarray(0, left), resetAll);
    });
    to.on('drain', () => from.resume());
    from.on('end', () => to.end());
  };
  const server = createServer({ allowHalfOpen: true }, (near) => {
    near.on('error', () => undefined);
    if (isCut) return reset(near);
    const far = connect({ ...address, allowHalfOpen: true });
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on('error', () => reset(near));
    for (const [socket, other] of [pair, [far, near]] as const) {
      socket.setNoDelay(true);
      socket.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    relay(near, far, 'request');
    relay(far, near, 'response');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', () => resolve());
  });
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      resetAll();
    },
    restore: () => {
      isCut = false;
    },
    dropAfter: (bytes, direction = 'request') => {
      limit = { left: bytes, direction };
    },
    connections: () => pairs.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        resetAll();
      }),
  };
}

/**
 * Resets a connection at once. `resetAndDestroy()` ends the socket first, and when it is destroyed before that is done, as
 * by a reset from the other side, Node takes the handle for closed while libuv refuses to close it: the connection stays
 * open, and the process never comes to its end. What `resetAndDestroy()` sets is therefore set here, without the end.
 */
function reset(socket: Socket): void {
  if (!socket.writableEnded) Object.assign(socket, { resetAndClosing: true });
  socket.destroy();
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  'http:': 80,
  'https:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
};

function addressOf(target: number | string | { readonly host: string; readonly port: number }): {
  host: string;
  port: number;
} {
  if (typeof target === 'number') return { host: '127.0.0.1', port: target };
  if (typeof target !== 'string') return { host: target.host, port: target.port };
  const { hostname, port, protocol } = new URL(target);
  return { host: hostname, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 0) };
}
