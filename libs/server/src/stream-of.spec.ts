import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { eventually } from '@factflow/testing';
import fastify, { type FastifyInstance } from 'fastify';
import { streamOf } from './stream-of';

const PIECE = `${'x'.repeat(64 * 1024 - 1)}\n`;
const PIECES = 2000;

describe('a stream of lines', () => {
  let server: FastifyInstance;
  let url: string;
  let made: number;
  let ended: boolean;

  async function* lines(): AsyncGenerator<string, void, undefined> {
    try {
      for (made = 1; made <= PIECES; made += 1) {
        yield PIECE;
        await Promise.resolve();
      }
    } finally {
      ended = true;
    }
  }

  beforeAll(async () => {
    server = fastify({ forceCloseConnections: true });
    server.get('/', async (_request, reply) => reply.send(await streamOf(lines())));
    url = await server.listen({ host: '127.0.0.1', port: 0 });
  });
  beforeEach(() => {
    made = 0;
    ended = false;
  });
  afterAll(() => server.close());

  const open = async (): Promise<IncomingMessage> => {
    const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
    return response;
  };

  it('is made no faster than it is read', async () => {
    const response = await open();
    let seen = -1;
    await eventually(() => {
      const before = seen;
      seen = made;
      return made > 0 && made === before;
    }, 'the stream to stand still');
    expect(made).toBeLessThan(PIECES / 2);
    let length = 0;
    for await (const chunk of response) length += (chunk as Buffer).length;
    expect(length).toBe(PIECE.length * PIECES);
    expect(ended).toBe(true);
  });

  it('ends when its reader goes away', async () => {
    const response = await open();
    await once(response, 'readable');
    expect(ended).toBe(false);
    response.destroy();
    await eventually(() => ended, 'the making of lines to end');
    expect(made).toBeLessThan(PIECES);
  });

  it('ends when it is destroyed before anybody reads it', async () => {
    const stream = await streamOf(lines());
    stream.destroy();
    await eventually(() => ended, 'the making of lines to end');
  });

  it('fails before it begins when the first piece fails', async () => {
    // eslint-disable-next-line require-yield
    async function* failing(): AsyncGenerator<string, void, undefined> {
      throw new Error('away');
    }
    await expect(streamOf(failing())).rejects.toThrow('away');
  });
});
