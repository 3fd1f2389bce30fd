import { PayloadStoreUnavailable } from './payload-errors';

// What the client library throws: an error whose name is the code of S3, or of what keeps it from asking.

interface S3Failure {
  readonly name?: string;
  readonly code?: string;
  readonly message?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const statusOf = (error: unknown): number | undefined => (error as S3Failure).$metadata?.httpStatusCode;

/** There is no such object. A bucket that is not there is another matter. */
export const isMissing = (error: unknown): boolean =>
  statusOf(error) === 404 && (error as S3Failure).name !== 'NoSuchBucket';

/** The store does not know how to do that. */
export const isUnsupported = (error: unknown): boolean => [405, 501].includes(statusOf(error) ?? 0);

const BUCKET = 'Make the bucket, or let FACTFLOW_PAYLOAD_STORE name one that is there.';
const CREDENTIALS =
  'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source that the AWS libraries know, must allow reading, writing, listing and deleting.';
const REGION = 'FACTFLOW_PAYLOAD_STORE names a region with ?region=…, or AWS_REGION does.';
const ADDRESS =
  'FACTFLOW_PAYLOAD_STORE names the server with ?endpoint=…; what is sent meanwhile is sent again.';

const ADVICE: Readonly<Record<string, string>> = {
  NoSuchBucket: BUCKET,
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  AccessDenied: CREDENTIALS,
  Forbidden: CREDENTIALS,
  CredentialsProviderError: CREDENTIALS,
  ExpiredToken: CREDENTIALS,
  PermanentRedirect: REGION,
  AuthorizationHeaderMalformed: REGION,
};

/** The failure as one of the store, with what to do about it. */
export function unavailable(store: string, error: unknown): PayloadStoreUnavailable {
  const { name = '', code, message } = (error ?? {}) as S3Failure;
  const advice =
    ADVICE[name] ??
    (statusOf(error) === 403 ? CREDENTIALS : /region is missing/i.test(message ?? '') ? REGION : ADDRESS);
  // Both addresses of a name refusing makes an error without a message; answers without a body one without a name.
  const reason = [name, code, message].find(
    (text) => text && !/^(Error|AggregateError|Unknown.*)$/.test(text),
  );
  const what =
    reason === name && message && message !== name ? `${name}: ${message}` : (reason ?? 'no answer');
  return new PayloadStoreUnavailable(store, what.replace(/\.$/, ''), advice, error);
}
