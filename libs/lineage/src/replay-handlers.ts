import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { handledBy } from './replay-handler';

/** A method that takes the messages of an adapter when they are replayed. */
export interface Handler {
  /** undefined: of every route */
  readonly route: string | undefined;
  readonly adapter: string;
  readonly retry: boolean;
  /** how many arguments it takes, as far as it says */
  readonly arity: number;
  call(args: readonly unknown[]): unknown;
}

type Method = (...args: unknown[]) => unknown;

/** Finds the methods with `@ReplayHandler`. @param warn is told of those that cannot be used */
export function findHandlers(
  discovery: DiscoveryService,
  scanner: MetadataScanner,
  warn: (message: string) => void,
): Handler[] {
  const handlers = new Map<string, Handler>();
  for (const { instance, name } of [...discovery.getProviders(), ...discovery.getControllers()]) {
    if (typeof instance !== 'object' || instance === null) continue;
    for (const key of scanner.getAllMethodNames(Object.getPrototypeOf(instance) as object)) {
      const method = (instance as Record<string, unknown>)[key];
      const handled = typeof method === 'function' ? handledBy(method) : undefined;
      if (!handled) continue;
      const { route, adapter, retry } = handled;
      const where = `@ReplayHandler on ${String(name)}.${key}`;
      if (adapter === undefined) warn(`${where} names no adapter, and has no @TracedAdapter beside it`);
      else if (handlers.has(keyOf(route, adapter)))
        warn(`${where} is left out: ${adapter} has a handler already`);
      else
        handlers.set(keyOf(route, adapter), {
          route,
          adapter,
          retry,
          arity: (method as Method).length,
          call: (args) => Reflect.apply(method as Method, instance, args) as unknown,
        });
    }
  }
  return [...handlers.values()];
}

const keyOf = (route: string | undefined, adapter: string): string =>
  JSON.stringify([route ?? null, adapter]);

/** The handler of a message: the one for its route, else the one for all routes. */
export const handlerFor = (
  handlers: readonly Handler[],
  route: string,
  adapter: string,
): Handler | undefined =>
  handlers.find((handler) => handler.adapter === adapter && handler.route === route) ??
  handlers.find((handler) => handler.adapter === adapter && handler.route === undefined);
