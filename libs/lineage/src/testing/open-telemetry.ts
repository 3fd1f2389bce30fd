import { AsyncLocalStorage } from 'node:async_hooks';
import { context, ROOT_CONTEXT, trace, type Context, type ContextManager } from '@opentelemetry/api';
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base';

/** What `@opentelemetry/context-async-hooks` does, as far as specs need it. */
class AsyncContexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    at: Context,
    work: F,
    self?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(at, () => Reflect.apply(work, self, args) as ReturnType<F>);
  }

  bind<T>(_at: Context, target: T): T {
    return target;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/** Sets OpenTelemetry up as a service would. */
export function setUpOpenTelemetry(): void {
  context.setGlobalContextManager(new AsyncContexts());
  trace.setGlobalTracerProvider(new BasicTracerProvider());
}

export function tearDownOpenTelemetry(): void {
  trace.disable();
  context.disable();
}

/** Does work within a span of its own. */
export const inSpan = <T>(work: (span: { traceId: string; spanId: string }) => T): T =>
  trace.getTracer('spec').startActiveSpan('work', (span) => {
    try {
      return work(span.spanContext());
    } finally {
      span.end();
    }
  });
