/** The platform's own domains; an interface that names any other host is not followed there. */
const OWN_DOMAINS = ['bilibili.com', 'biliapi.net', 'biliapi.com', 'bilivideo.com', 'bilivideo.cn'];

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

export const isOwnHost = (host: string): boolean =>
  /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/.test(host) &&
  !host.includes('..') &&
  OWN_DOMAINS.some((domain) => host === domain || host.endsWith(`.${domain}`));

/**
 * Which hosts an interface may name: on the platform's own address, its own domains; on any other (a simulator),
 * only that very host, or any name of this machine where it is on this machine.
 */
export function hostRule(apiUrl: string): (host: string) => boolean {
  const base = new URL(apiUrl).hostname;
  if (isOwnHost(base)) return isOwnHost;
  return (host) => host === base || (LOOPBACK.has(base) && LOOPBACK.has(bracketed(host)));
}

const bracketed = (host: string): string => (host === '::1' ? '[::1]' : host);
