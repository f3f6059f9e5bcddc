import type { Config } from './config.ts';
import type { LinkOrigin } from './features/access/link.ts';

/** Where an invite link points: the public address if one is set, else where the server listens. */
export function linkOrigin({ publicUrl, tls, listen }: Config, port: number): LinkOrigin {
  if (!publicUrl) {
    const everywhere = listen.host === '0.0.0.0' || listen.host === '::';
    return { host: everywhere ? 'localhost' : listen.host, port, tls: tls !== null };
  }
  const secure = publicUrl.protocol === 'https:';
  return { host: publicUrl.hostname, port: publicUrl.port ? Number(publicUrl.port) : secure ? 443 : 80, tls: secure };
}
