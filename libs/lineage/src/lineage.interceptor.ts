import {
  Injectable,
  Optional,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Observable } from 'rxjs';
import type { CallCapture } from './capture/capture-options';
import { isOfMessage } from './headers';
import { LineageRecorder } from './recorder';
import type { MessageOptions } from './resume';
import { attemptOf, headersOf } from './rpc-message';
import { RunScope, type RunOptions } from './run';

/** What a message says of itself where the interceptor cannot know. */
export interface LineageInterceptorOptions extends CallCapture {
  /** which delivery of the message this is, from 1. Default: what RabbitMQ says; 1 for brokers that do not count */
  readonly attempt?: (context: ExecutionContext) => number | undefined;
  /**
   * what of a message was registered as the input of its record. Default: the whole message, where `withLineage` sent it
   * or it is kept
   */
  readonly input?: (context: ExecutionContext) => unknown;
  /** what to record of a message without a readable header, in an execution of its own. Default: nothing */
  readonly otherwise?: (context: ExecutionContext) => RunOptions | undefined;
}

/**
 * Goes on with the record a message carries while a `@MessagePattern` or `@EventPattern` handler works on it: started
 * with the handler and the hash of the message, which shows whether it changed on the way, completed with the hash of what it answers, failed with what it throws, cancelled when nobody waits
 * for the answer any more. Traced adapters and `lineage.run` in the handler become children. A later attempt is a record
 * of its own. Handlers of anything else than messages, and messages without a header, are left alone. Answers and errors
 * pass unchanged, and nothing here throws. One handler of a message may go on with its record: of several for one event
 * the first to end decides, the others show as conflicts.
 */
@Injectable()
export class LineageInterceptor implements NestInterceptor {
  constructor(
    private readonly recorder: LineageRecorder,
    @Optional() private readonly options: LineageInterceptorOptions = {},
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'rpc') return next.handle();
    const scope = this.#resume(context);
    return scope ? followed(scope, next) : next.handle();
  }

  #resume(context: ExecutionContext): RunScope | undefined {
    const rpc = context.switchToRpc();
    const message = rpc.getContext<unknown>();
    const { attempt, otherwise, input, ...capture } = this.options;
    const data = rpc.getData<unknown>();
    const headers = headersOf(message, data);
    const received = input ? attempted(() => input(context)) : isOfMessage(headers) ? data : undefined;
    const options: MessageOptions = {
      ...capture,
      attempt: attempted(() => attempt?.(context)) ?? attemptOf(message),
      ...optional(attempted(() => otherwise?.(context))),
      input: received,
      ...(input === undefined && { message: data }),
    };
    const record = this.recorder.resume(headers, options);
    if (!record.recorded) return undefined;
    record.start();
    return new RunScope(this.recorder, record);
  }
}

const optional = (otherwise: RunOptions | undefined): { otherwise?: RunOptions } =>
  otherwise === undefined ? {} : { otherwise: { ...otherwise, started: false } };

/** What somebody else's function says, if it does. */
function attempted<T>(ask: () => T): T | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}

/** A handler's answers, its work done as the record's, whose end is recorded before anybody hears of it. */
function followed(scope: RunScope, next: CallHandler): Observable<unknown> {
  return new Observable((subscriber) => {
    let items = 0;
    let last: unknown;
    const subscription = scope.enter(() =>
      next.handle().subscribe({
        next: (value: unknown) => {
          items += 1;
          last = value;
          subscriber.next(value);
        },
        error: (error: unknown) => {
          scope.failed(error);
          subscriber.error(error);
        },
        complete: () => {
          if (items > 1) scope.yielded(items, 'observable');
          else scope.completed(last);
          subscriber.complete();
        },
      }),
    );
    return () => {
      subscription.unsubscribe();
      scope.cancelled('nobody waits for the answer any more');
    };
  });
}
