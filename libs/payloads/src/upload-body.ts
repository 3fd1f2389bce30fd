/** Bytes on their way out of here, counted; remembers why they ended, if not well. */
export class UploadBody implements AsyncIterable<Uint8Array> {
  bytes = 0;
  failure: unknown;

  constructor(private readonly source: AsyncIterable<Uint8Array>) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of this.source) {
        this.bytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      this.failure = error;
      throw error;
    }
  }
}
