import { property } from './facts';
import type { TracedAdapterOptions } from './traced-adapter';

/** Whose messages a method takes when they are replayed. */
export interface ReplayHandlerOptions {
  /** the route of the adapter. Default: that of `@TracedAdapter` on the same method, else every route */
  readonly route?: string;
  /** the adapter, as it is recorded. Default: that of `@TracedAdapter` on the same method */
  readonly adapter?: string;
  /** whether a message that the method fails with is tried again, as the command app sees fit. Default false: that is how its replay ended */
  readonly retry?: boolean;
}

type MethodDecoratorOf = (target: object, key: string | symbol, descriptor: PropertyDescriptor) => void;

const HANDLER = Symbol('lineage replay handler');
const TRACED = Symbol('lineage traced adapter');

/**
 * Makes a method of a provider take the messages of an adapter when an execution is replayed. It gets what the adapter
 * got: bytes as `Buffer`, text as `string`, data as it was; of a join the list of its inputs; a list of arguments is given
 * as arguments to a method that takes several. What it does is the work of the record: traced adapters and `lineage.run`
 * in it make children of it. On a method with `@TracedAdapter`, or one that calls that adapter's method, the call is the
 * record itself.
 */
export const ReplayHandler = (options: ReplayHandlerOptions = {}): MethodDecoratorOf => {
  return (_target, _key, descriptor) => {
    const method = descriptor.value as unknown;
    if (typeof method === 'function') Reflect.defineMetadata(HANDLER, options, method);
  };
};

/** Notes on a method which adapter it is. */
export const markTraced = (method: object, options: TracedAdapterOptions): void =>
  Reflect.defineMetadata(TRACED, options, method);

/** What a method takes, when it takes anything. Names that are none are left out. */
export function handledBy(method: object): { route?: string; adapter?: string; retry: boolean } | undefined {
  const own = Reflect.getMetadata(HANDLER, method) as unknown;
  if (own === undefined) return undefined;
  const traced = Reflect.getMetadata(TRACED, method) as unknown;
  const named = property(own, 'adapter') !== undefined;
  const adapter = nameOf(property(own, 'adapter')) ?? nameOf(property(traced, 'adapter'));
  const route = nameOf(property(own, 'route')) ?? (named ? undefined : nameOf(property(traced, 'route')));
  return {
    ...(route !== undefined && { route }),
    ...(adapter !== undefined && { adapter }),
    retry: property(own, 'retry') === true,
  };
}

const nameOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
