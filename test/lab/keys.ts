import ssh2 from 'ssh2';

export interface KeyPair {
  /** OpenSSH private key, encrypted when a passphrase was given. */
  privateKey: string;
  /** A line for authorized_keys. */
  publicLine: string;
  type: string;
  /** The public key in base64, as in known_hosts. */
  key: string;
}

export type KeyKind = 'ed25519' | 'rsa' | 'ecdsa';

/** A new key pair for a user or a host. */
export function generateKey(kind: KeyKind = 'ed25519', passphrase?: string): KeyPair {
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 4 };
  let pair = makePair(kind, encryption);
  // About one ed25519 key in 200 that ssh2 1.17 writes cannot be read back, by ssh2 or by anybody.
  while (ssh2.utils.parseKey(pair.private, passphrase) instanceof Error) pair = makePair(kind, encryption);
  const [type = '', key = ''] = pair.public.split(' ');
  return { privateKey: pair.private, publicLine: `${type} ${key}`, type, key };
}

function makePair(
  kind: KeyKind,
  encryption: { passphrase: string; cipher: string; rounds: number } | Record<string, never>,
) {
  switch (kind) {
    case 'ed25519':
      return ssh2.utils.generateKeyPairSync('ed25519', encryption);
    case 'rsa':
      return ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, ...encryption });
    case 'ecdsa':
      return ssh2.utils.generateKeyPairSync('ecdsa', { bits: 256, ...encryption });
  }
}
