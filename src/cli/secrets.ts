/** User and password of a URI; a password may hold an at sign that nobody encoded. */
const IN_URI = /\/\/[^/\s"'<>]+@/g;

/** Names that only a secret has, or the end of such a name: `tlsCertificateKeyFilePassword`, `TEMPORAL_API_KEY`. */
const NAME =
  '[\\w-]{0,40}(?:SESSDATA|bili_jct|DedeUserID|ckMd5|buvid[34]|access_key|w_rid|token|api[_-]?key|password|authorization)';
const NAMED = new RegExp(`\\b(${NAME}=|AWS_SESSION_TOKEN:)(?:[^;&\\s"'\\\\]|\\\\[^"nrt])+`, 'gi');
const IN_JSON = new RegExp(`"(${NAME})"(\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"`, 'gi');
const IN_JSON_IN_JSON = new RegExp(`\\\\"(${NAME})\\\\"(\\s*:\\s*)\\\\"[^"\\\\]*`, 'gi');
const BEARER = /\b(Bearer)\s+[\w.~+/-]{8,}=*/gi;
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]*PRIVATE KEY-----(?:[^"\\-]|\\[^"]|-(?!----))*(?:-----END [A-Z ]*PRIVATE KEY-----)?/g;

/**
 * The text without what looks like a credential; a line of JSON stays one. A net below the types that keep secrets out, not a replacement
 * for them.
 */
export const withoutCredentials = (text: string): string =>
  text
    .replaceAll(IN_URI, '//[secret]@')
    .replaceAll(BEARER, '$1 [secret]')
    .replaceAll(NAMED, '$1[secret]')
    .replaceAll(IN_JSON, '"$1"$2"[secret]"')
    .replaceAll(IN_JSON_IN_JSON, '\\"$1\\"$2\\"[secret]')
    .replaceAll(PRIVATE_KEY, '[secret]');
