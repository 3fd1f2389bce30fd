import { AsyncLocalStorage } from 'node:async_hooks';
import type { ClientProxy, ReadPacket } from '@nestjs/microservices';
import { defer, from, mergeMap, Observable, tap } from 'rxjs';
import type { CallCapture } from './capture/capture-options';
import { context } from './context';
import { HEADER, ofMessage, type LineageHeaders } from './headers';
import { carrierFor, isBytes, type MessageCarrier } from './message-carriers';
import { readHeader } from './read-header';
import type { LineageRecord } from './record';

/** What is used of a client, whatever its transport. */
type AnyClient = Pick<ClientProxy, 'connect' | 'emit' | 'send' | 'setOnDispatchHook'>;

/** What the records of messages sent by a client are registered as. */
export interface LineageClientOptions extends CallCapture {
  /** the route of the handlers that receive the messages */
  readonly route: string;
  /** the adapter a message goes to. Default: its pattern */
  readonly adapter?: (pattern: unknown) => string;
}

/**
 * The client, with messages that carry lineage: `send` and `emit` within the work of a record register a child of it,
 * which `LineageInterceptor` goes on with where the message is received. Outside of such work, and for messages that
 * carry a record already, nothing is added. The child fails when the message could not leave; a request without an
 * answer leaves it pending, as nobody knows how far it got.
 *
 * NATS, RabbitMQ and Kafka messages get headers, MQTT 5 messages user properties, others packet metadata: a dispatch hook
 * is set on the client for that, and calls the one set before.
 */
export function withLineage<Client extends AnyClient>(client: Client, options: LineageClientOptions): Client {
  const sender = new Sender(client, options);
  const send: ClientProxy['send'] = (pattern, data) => sender.send(pattern, data);
  const emit: ClientProxy['emit'] = (pattern, data) => sender.emit(pattern, data);
  return new Proxy(client, {
    get(target, name) {
      if (name === 'send') return send;
      if (name === 'emit') return emit;
      // Called on the client itself: what it keeps private is out of reach from here.
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}

/** A message on its way out, with the record it becomes where it is received. */
interface Outgoing {
  readonly record: LineageRecord;
  readonly data: unknown;
  /** whether the record's headers are with the message */
  carried: boolean;
}

class Sender {
  readonly #carrier: MessageCarrier | undefined;
  /** what the packet that is being made belongs to */
  readonly #outgoing = new AsyncLocalStorage<Outgoing>();

  constructor(
    private readonly client: AnyClient,
    private readonly options: LineageClientOptions,
  ) {
    this.#carrier = carrierFor(client);
    if (!this.#carrier) this.#setHook();
  }

  /** Every subscription sends a message, so it registers a child as well. */
  send<Result>(pattern: unknown, data: unknown): Observable<Result> {
    return defer(() => {
      const outgoing = this.#outgoingOf(pattern, data);
      if (!outgoing) return this.client.send<Result>(pattern, data);
      // What goes wrong before there is a connection goes wrong before the message leaves.
      return from(this.#connected(outgoing)).pipe(
        mergeMap(() => this.#within(outgoing, () => this.client.send<Result>(pattern, outgoing.data))),
        tap({ finalize: () => endUncarried(outgoing) }),
      );
    });
  }

  /** Sent at once, whether or not anybody subscribes. */
  emit<Result>(pattern: unknown, data: unknown): Observable<Result> {
    const outgoing = this.#outgoingOf(pattern, data);
    if (!outgoing) return this.client.emit<Result>(pattern, data);
    const sent = this.#outgoing.run(outgoing, () => this.client.emit<Result>(pattern, outgoing.data));
    sent.subscribe({
      error: (error: unknown) => outgoing.record.fail(error),
      complete: () => endUncarried(outgoing),
    });
    return sent;
  }

  async #connected({ record }: Outgoing): Promise<unknown> {
    try {
      return (await this.client.connect()) as unknown;
    } catch (error) {
      record.fail(error);
      throw error;
    }
  }

  #within<Result>(outgoing: Outgoing, send: () => Observable<Result>): Observable<Result> {
    return new Observable((subscriber) => this.#outgoing.run(outgoing, () => send().subscribe(subscriber)));
  }

  /** Undefined for a message that is sent as it is. */
  #outgoingOf(pattern: unknown, data: unknown): Outgoing | undefined {
    const carrier = this.#carrier;
    const parent = context.getStore()?.record;
    // Nest refuses messages of nothing.
    if (!parent || data === undefined || data === null || isCarried(carrier?.headers(data))) return undefined;
    const record = this.#register(parent, pattern, carrier ? carrier.payload(data) : data);
    if (!record?.recorded) return undefined;
    if (!carrier) return { record, data, carried: false };
    try {
      return {
        record,
        data: carrier.carry(data, headersOf(record, carrier.payload(data), carrier)),
        carried: true,
      };
    } catch (error) {
      record.fail(error);
      return undefined;
    }
  }

  #register(parent: LineageRecord, pattern: unknown, input: unknown): LineageRecord | undefined {
    const { adapter = asText, ...options } = this.options;
    try {
      return parent.registerChild({ ...options, adapter: adapter(pattern), input });
    } catch {
      return undefined;
    }
  }

  #setHook(): void {
    const { onDispatchHook: before } = this.client as { onDispatchHook?: (packet: ReadPacket) => void };
    this.client.setOnDispatchHook((packet) => {
      before?.(packet);
      const outgoing = this.#outgoing.getStore();
      if (!outgoing) return;
      packet.metadata = { ...headersOf(outgoing.record, outgoing.data), ...packet.metadata };
      outgoing.carried = true;
    });
  }
}

/** What is not sent as JSON arrives as something else than was hashed. */
function headersOf(record: LineageRecord, payload: unknown, carrier?: MessageCarrier): LineageHeaders {
  const headers = record.headers();
  const isChanged = carrier?.changes(payload) ?? isBytes(payload);
  return isChanged ? headers : ofMessage(headers);
}

const asText = (pattern: unknown): string =>
  typeof pattern === 'string' ? pattern : JSON.stringify(pattern);

const isCarried = (headers: unknown): boolean => readHeader(headers, HEADER, Infinity).text !== undefined;

/** Somebody else took the hook: nobody will go on with the record. */
function endUncarried({ record, carried }: Outgoing): void {
  if (!carried && !record.ended) record.cancel('the message left without its header');
}
