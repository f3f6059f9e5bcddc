export interface LinkOrigin {
  host: string;
  port: number;
  /** True when the server is reached through TLS. */
  tls: boolean;
}

/** `omanager://host:port/?tls=1#<server public key>.<code>`; what follows `#` never leaves the client. */
export function inviteLink({ host, port, tls }: LinkOrigin, serverPublicKey: string, code: string): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return `omanager://${name}:${port}/${tls ? '?tls=1' : ''}#${serverPublicKey}.${code}`;
}
