/** What the server's policy lets style elements of this page carry; empty where no policy asks for one. */
export function pageNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';
}
