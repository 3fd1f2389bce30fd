import type { Settings } from './settings';

/** An app that commands ask, and how to name where it is. */
export interface Peer {
  readonly app: 'query app' | 'command app';
  readonly url: string;
  /** Longest wait for an answer. */
  readonly timeoutMs: number;
  readonly option: string;
  readonly variable: string;
  /** What starts it. */
  readonly start: string;
}

type Addresses = Pick<Settings, 'url' | 'commandUrl' | 'timeoutMs'>;

/** The app that answers questions. */
export const queryApp = ({ url, timeoutMs }: Addresses): Peer => ({
  app: 'query app',
  url,
  timeoutMs,
  option: '--url',
  variable: 'FACTFLOW_URL',
  start: 'npm run start:query',
});

/** The app that changes things. */
export const commandApp = ({ commandUrl: url, timeoutMs }: Addresses): Peer => ({
  app: 'command app',
  url,
  timeoutMs,
  option: '--command-url',
  variable: 'FACTFLOW_COMMAND_URL',
  start: 'npm run start:command',
});
