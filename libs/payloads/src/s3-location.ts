/** Where payloads are objects. */
export interface S3Location {
  readonly bucket: string;
  /** before every key; empty, or it ends with a slash */
  readonly prefix: string;
  readonly region: string | undefined;
  /** of another make of S3 than that of AWS */
  readonly endpoint: string | undefined;
}

const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const PREFIX = /^[\w!.*'()/-]*$/;
const REGION = /^[a-z0-9-]{1,40}$/;
const PARAMETERS = ['region', 'endpoint'];

/** Reads `s3://bucket/prefix?region=…&endpoint=…`; undefined when it is none. Credentials have no place in it. */
export function s3LocationOf(url: string): S3Location | undefined {
  if (!url.startsWith('s3://') || !URL.canParse(url)) return undefined;
  const { host, pathname, searchParams, username, password, hash } = new URL(url);
  if (username || password || hash || !BUCKET.test(host) || !PREFIX.test(pathname)) return undefined;
  if ([...searchParams.keys()].some((name) => !PARAMETERS.includes(name))) return undefined;
  const endpoint = searchParams.get('endpoint') ?? undefined;
  const region = searchParams.get('region') ?? undefined;
  if (endpoint !== undefined && !isServer(endpoint)) return undefined;
  if (region !== undefined && !REGION.test(region)) return undefined;
  const prefix = pathname.replace(/^\/+|\/+$/g, '');
  return {
    bucket: host,
    prefix: prefix && `${prefix}/`,
    // Servers of other makes ask for one without meaning it.
    region: region ?? (endpoint === undefined ? undefined : 'us-east-1'),
    endpoint,
  };
}

function isServer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && !username && !password;
}
