import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { cutOffProxy, type CutOffProxy } from './cut-off-proxy';
import { eventually } from './eventually';

let server: Server;
let received: string;
let proxy: CutOffProxy;

// Answers everything with itself in capitals.
beforeEach(async () => {
  received = '';
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined).on('end', () => socket.end());
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
      socket.write(text.toUpperCase());
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy = await cutOffProxy((server.address() as AddressInfo).port);
});

afterEach(async () => {
  await proxy.close();
  await new Promise((resolve) => server.close(resolve));
});

function open(): { socket: Socket; heard: () => string; closed: Promise<string> } {
  let heard = '';
  const socket = connect(proxy.port, '127.0.0.1');
  socket.setEncoding('utf8').on('data', (text: string) => (heard += text));
  const closed = new Promise<string>((resolve) => {
    let how = 'ended';
    socket.on('error', (error: NodeJS.ErrnoException) => (how = error.code ?? 'error'));
    socket.on('close', () => resolve(how));
  });
  return { socket, heard: () => heard, closed };
}

test('passes bytes both ways, half-closed connections included', async () => {
  const client = open();
  client.socket.end('hello');
  await expect(client.closed).resolves.toBe('ended');
  expect([received, client.heard()]).toEqual(['hello', 'HELLO']);
});

test('a cut resets what is open and what is new, until it is restored on the same port', async () => {
  const before = open();
  before.socket.write('one');
  await eventually(() => before.heard() === 'ONE', 'the first answer');
  proxy.cut();
  await expect(before.closed).resolves.toBe('ECONNRESET');
  await expect(open().closed).resolves.toBe('ECONNRESET');

  proxy.restore();
  const after = open();
  after.socket.write('two');
  await eventually(() => after.heard() === 'TWO', 'the answer after restoring');
});

test.each([
  { direction: 'request', reached: '12345' },
  { direction: 'response', reached: '1234567890' },
] as const)('drops a connection once in the middle of a $direction', async ({ direction, reached }) => {
  proxy.dropAfter(5, direction);
  const client = open();
  client.socket.write('1234567890');
  // Node reports a reset that arrives together with the last bytes as an end.
  expect(['ECONNRESET', 'ended']).toContain(await client.closed);
  await eventually(() => received === reached, 'what passed before the drop');

  const next = open();
  next.socket.write('again');
  await eventually(() => next.heard() === 'AGAIN', 'the answer on the next connection');
});

test('a target that is away is a connection reset', async () => {
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  await expect(open().closed).resolves.toBe('ECONNRESET');
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
});
