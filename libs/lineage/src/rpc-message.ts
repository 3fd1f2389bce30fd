import { property } from './facts';

// What a message says beside its payload, in the contexts Nest's transports make. They are told apart by what they offer,
// so that nothing of `@nestjs/microservices` is needed at run time, and contexts of other transports work as well.

/** Calls a method that may not be there, or throw. */
function ask(context: unknown, method: string): unknown {
  const found = property(context, method);
  try {
    return typeof found === 'function' ? Reflect.apply(found, context, []) : undefined;
  } catch {
    return undefined;
  }
}

const path = (value: unknown, ...names: readonly string[]): unknown => names.reduce(property, value);

/**
 * The headers of a message: NATS headers, AMQP headers, Kafka headers, MQTT 5 user properties, gRPC metadata, the
 * metadata of TCP and Redis packets; else `headers` of the payload. Never throws.
 */
export function headersOf(context: unknown, payload: unknown): unknown {
  const message = ask(context, 'getMessage');
  return (
    ask(context, 'getHeaders') ??
    path(message, 'properties', 'headers') ??
    path(message, 'headers') ??
    path(ask(context, 'getPacket'), 'properties', 'userProperties') ??
    ask(context, 'getMetadata') ??
    (typeof property(context, 'get') === 'function' ? context : undefined) ??
    property(payload, 'headers')
  );
}

/**
 * Which delivery of a message this is, from 1, where the broker says so: RabbitMQ counts with quorum queues, and says of
 * other queues only that there was one before. Never throws.
 */
export function attemptOf(context: unknown): number {
  const message = ask(context, 'getMessage');
  const before = Number(path(message, 'properties', 'headers', 'x-delivery-count') ?? 0);
  if (before >= 1) return Math.floor(before) + 1;
  return path(message, 'fields', 'redelivered') === true ? 2 : 1;
}
