import { Agent, request, type IncomingMessage } from 'node:http';

/** Asks one server over one connection. */
export class Reader {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor(private readonly url: string) {}

  /**
   * The answer to a path below `/api/v1`.
   * @throws for any status but 200
   */
  async json<Body>(path: string): Promise<Body> {
    return JSON.parse(Buffer.concat(await this.read(path)).toString()) as Body;
  }

  /** How many lines the NDJSON answer to a path below `/api/v1` has. */
  async countLines(path: string): Promise<number> {
    let lines = 0;
    for (const chunk of await this.read(path, 'application/x-ndjson')) {
      for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) lines += 1;
    }
    return lines;
  }

  close(): void {
    this.agent.destroy();
  }

  private read(path: string, accept = 'application/json'): Promise<Buffer[]> {
    return new Promise((resolve, reject) => {
      const take = (response: IncomingMessage): void => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          if (response.statusCode === 200) resolve(chunks);
          else
            reject(new Error(`${path} answered ${response.statusCode} ${Buffer.concat(chunks).toString()}`));
        });
      };
      request(`${this.url}/api/v1${path}`, { agent: this.agent, headers: { accept } }, take)
        .on('error', reject)
        .end();
    });
  }
}
