/** What passes for a credential in any text: user and password of a URI, and values that only a secret has as its name. */
const IN_URI = /\/\/[^/\s@]+@/g;
const NAMED = /\b(SESSDATA|bili_jct|DedeUserID__ckMd5|access_key|w_rid|token|api_?key|password)=[^;&\s"']+/gi;

/** The text without what looks like a credential. A net below the types that keep secrets out, not a replacement for them. */
export const withoutCredentials = (text: string): string =>
  text.replaceAll(IN_URI, '//[secret]@').replaceAll(NAMED, '$1=[secret]');
