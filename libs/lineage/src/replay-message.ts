import { finished } from 'node:stream/promises';
import { property } from './facts';

/** What an adapter got, from the bytes and the type they were captured with. */
export function decodeMessage(bytes: Buffer, contentType: string): unknown {
  const type = contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return JSON.parse(bytes.toString('utf8')) as unknown;
  return type.startsWith('text/') ? bytes.toString('utf8') : bytes;
}

/** Several arguments were recorded as one message, the list of them. */
export const argumentsOf = (message: unknown, arity: number, joined: boolean): readonly unknown[] =>
  arity > 1 && !joined && Array.isArray(message) ? (message as unknown[]) : [message];

/** Waits for the end of what a handler gave: nobody else takes what it yields. */
export async function drained(result: unknown): Promise<void> {
  const value: unknown = await result;
  if (typeof value !== 'object' || value === null) return;
  const has = (name: string | symbol): boolean => typeof property(value, name as string) === 'function';
  if (has('pipe') && has('read')) {
    const stream = value as NodeJS.ReadableStream;
    stream.resume();
    await finished(stream);
  } else if (has('pipe') && has('subscribe')) await lastOf(value as Subscribable);
  else if (has('next') && (has(Symbol.asyncIterator) || has(Symbol.iterator)))
    for await (const item of value as AsyncIterable<unknown>) void item;
}

interface Subscribable {
  subscribe(observer: { error: (error: unknown) => void; complete: () => void }): unknown;
}

const lastOf = (observable: Subscribable): Promise<void> =>
  new Promise((resolve, reject) => {
    observable.subscribe({ error: reject, complete: resolve });
  });
