/** What the OpenAPI document says of 503. */
export const UNAVAILABLE = 'The database is away, or all connections to it are at work; `detail` says which';
