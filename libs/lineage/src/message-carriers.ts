import { createRequire } from 'node:module';
import {
  ClientKafka,
  ClientMqtt,
  ClientNats,
  ClientRMQ,
  MqttRecord,
  NatsRecord,
  RmqRecord,
} from '@nestjs/microservices';
import type { MsgHdrs } from '@nats-io/transport-node';
import { property } from './facts';
import type { LineageHeaders } from './headers';

/** How the messages of a transport carry headers. */
export interface MessageCarrier {
  /** the message without what is around it */
  payload(data: unknown): unknown;
  /** the headers the sender gave it, if any */
  headers(data: unknown): unknown;
  /** whether this payload arrives as something else than it was, as bytes do that are sent as JSON */
  changes(payload: unknown): boolean;
  /** The same message with more headers; `data` stays as it is. */
  carry(data: unknown, headers: LineageHeaders): unknown;
}

/** How this client's messages carry headers; undefined: they have none, but packets have metadata. */
export function carrierFor(client: unknown): MessageCarrier | undefined {
  if (client instanceof ClientNats) return NATS;
  if (client instanceof ClientRMQ) return RABBITMQ;
  if (client instanceof ClientKafka) return KAFKA;
  if (client instanceof ClientMqtt) return MQTT;
  return undefined;
}

// Whoever has a client of NATS has this package: Nest could not have made the client without.
const natsHeaders = (): MsgHdrs =>
  (createRequire(import.meta.url)('@nats-io/transport-node') as { headers(): MsgHdrs }).headers();

export const isBytes = (payload: unknown): boolean =>
  ArrayBuffer.isView(payload) || payload instanceof ArrayBuffer;

const NATS: MessageCarrier = {
  changes: isBytes,
  payload: (data) => (data instanceof NatsRecord ? data.data : data),
  headers: (data) => (data instanceof NatsRecord ? data.headers : undefined),
  carry: (data, more) => {
    const headers = natsHeaders();
    const given = NATS.headers(data) as MsgHdrs | undefined;
    for (const [name, values] of given ?? []) for (const value of values) headers.append(name, value);
    for (const [name, value] of Object.entries(more)) headers.set(name, value);
    return new NatsRecord(NATS.payload(data), headers);
  },
};

const RABBITMQ: MessageCarrier = {
  changes: isBytes,
  payload: (data) => (data instanceof RmqRecord ? data.data : data),
  headers: (data) => (data instanceof RmqRecord ? data.options?.headers : undefined),
  carry: (data, more) => {
    const options = data instanceof RmqRecord ? data.options : undefined;
    return new RmqRecord(RABBITMQ.payload(data), {
      ...options,
      headers: { ...options?.headers, ...more },
    });
  },
};

const KAFKA: MessageCarrier = {
  // Text that looks like JSON arrives as what it says.
  changes: (payload) =>
    isBytes(payload) || typeof payload === 'string' || payload === undefined || payload === null,
  payload: (data) => (isKafkaMessage(data) ? data.value : data),
  headers: (data) => (isKafkaMessage(data) ? data.headers : undefined),
  carry: (data, more) =>
    isKafkaMessage(data)
      ? { ...data, headers: { ...data.headers, ...more } }
      : { value: data, headers: { ...more } },
};

// As Nest's serializer tells messages from mere values.
const isKafkaMessage = (data: unknown): data is { readonly value?: unknown; readonly headers?: object } =>
  typeof data === 'object' && data !== null && ('key' in data || 'value' in data);

const MQTT: MessageCarrier = {
  changes: isBytes,
  payload: (data) => (data instanceof MqttRecord ? data.data : data),
  headers: (data) =>
    data instanceof MqttRecord ? property(data.options?.properties, 'userProperties') : undefined,
  carry: (data, more) => {
    const options = data instanceof MqttRecord ? data.options : undefined;
    const userProperties = { ...options?.properties?.userProperties, ...more };
    return new MqttRecord(MQTT.payload(data), {
      ...options,
      properties: { ...options?.properties, userProperties },
    });
  },
};
