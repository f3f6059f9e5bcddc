/** The page's own scheme: nothing else is ever loaded into the window. */
export const scheme = 'omanager-app';
export const origin = `${scheme}://app`;

/** Whether this address is one of the packed page's. */
export function isOwn(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host, username, password } = new URL(url);
  return protocol === `${scheme}:` && host === 'app' && username === '' && password === '';
}
