import type { PayloadRef } from './events';
import { LIMITS } from './limits';

/** What bytes are when nothing is said of them. */
export const DEFAULT_CONTENT_TYPE = 'application/octet-stream';

/** Keys of payloads: the SHA-256 of the bytes, in lower case. */
export const PAYLOAD_KEY_PATTERN = '^sha256:[0-9a-f]{64}$';
/** Content types travel as they are in headers: printable ASCII. */
export const CONTENT_TYPE_PATTERN = '^[ -~]*$';

const KEY = new RegExp(PAYLOAD_KEY_PATTERN);
const CONTENT_TYPE = new RegExp(CONTENT_TYPE_PATTERN);

/** Whether text is the key of a payload. */
export const isPayloadKey = (text: string): boolean => KEY.test(text);

/** Whether text may be the content type of a payload: 1 to 200 printable characters of ASCII. */
export const isContentType = (text: string): boolean =>
  text.length > 0 && text.length <= LIMITS.contentTypeCharacters && CONTENT_TYPE.test(text);

/** A reference to a payload as it travels and as it is stored. */
export interface WirePayload {
  readonly key: string;
  readonly redacted?: boolean | null;
  readonly content_type?: string | null;
}

/** The reference as it travels, complete. */
export const payloadToWire = ({ key, redacted, contentType }: PayloadRef): Required<WirePayload> => ({
  key,
  redacted,
  content_type: contentType,
});

/** A reference that is valid, with what is absent filled in. */
export const payloadFromWire = ({ key, redacted, content_type }: WirePayload): PayloadRef => ({
  key,
  redacted: redacted ?? false,
  contentType: content_type ?? DEFAULT_CONTENT_TYPE,
});
