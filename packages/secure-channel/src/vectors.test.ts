import { expect, test } from 'vitest';
import { createClient, createServer, type Primitives, tweetnaclPrimitives } from './index.ts';
import { now, sent } from './testing/connect.ts';
import { bytes, filled, hex, pair } from './testing/forge.ts';

/**
 * One connection with every key and every random byte fixed. Whoever writes another implementation can compare: secret
 * keys and random values are 32 or 16 equal bytes, drawn in the order given below.
 */
const serverKeys = pair(filled(32, 0x22));
const clientKeys = pair(filled(32, 0x11));

/** The next call returns as many bytes of the next value as it asks for. */
function drawing(...values: number[]): Primitives {
  return {
    ...tweetnaclPrimitives,
    randomBytes(length) {
      const value = values.shift();
      if (value === undefined) throw new Error('more random values were drawn than the vector has');
      return filled(length, value);
    },
  };
}

function play() {
  const client = createClient({
    serverPublicKey: serverKeys.publicKey,
    clientKeyPair: clientKeys,
    metadata: { 'Socket-Type': 'DEALER' },
    crypto: drawing(0x33, 0x44), // c', vouch nonce
  });
  const server = createServer({
    serverKeyPair: serverKeys,
    authorize: () => true,
    metadata: { Version: '1' },
    crypto: drawing(0x55, 0x66, 0x77, 0x88), // s', cookie key, cookie nonce, WELCOME nonce
  });
  const hello = client.start() ?? new Uint8Array(0);
  const welcome = sent(now(server.receive(hello)));
  const initiate = sent(client.receive(welcome));
  const ready = sent(now(server.receive(initiate)));
  client.receive(ready);
  const fromClient = client.seal(bytes('hello'));
  const fromServer = server.seal(new Uint8Array(0));
  return { hello, welcome, initiate, ready, fromClient, fromServer };
}

const expected: Record<keyof ReturnType<typeof play>, string> = {
  hello:
    '0548454c4c4f01000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000007b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b1400000000000000018c6cd9fdecc69259664e505bf7c205288b015909e482250d362b642a236bca24c8e458d0b0bba08fb967478df2f2bbaee29d72eb8633abb5359378887a4bdf6095ed027201c97c23a7c8c70d14e0824e',
  welcome:
    '0757454c434f4d45888888888888888888888888888888889ba0c325bd04d89e25dbcd2896e28abd75ad036be1b3f7d3d1f3c4bc169bbe75fa506feb27927a359f9805d1f518d793cf646e83d06504070bf804a61343efd07276dcbca84df731a137be87fcbf7ea3e3fa6b0ddaaeb8138bc931b25c41915e17e7bd897d59cac3e080554726eb0fc11e0ea909d935caf0b326fef33f17856e19bcfb01e1e944f58362dcd092db9cdd',
  initiate:
    '08494e495449415445777777777777777777777777777777772f282fc46315a08d6bfe017e20ac2120d0c5b9246fa459c82823b6a3df22c0b7e0de288b1b023f0624f86b13d7dfe9379fec547432cc2f12ed374f0d854241c51d374efa86c6d41bc416427aec1a55ff0000000000000002166afa08a7fc9687b07f2bf3d05e2caf0b5445fb2babbfe4158d22ce044f1d4ddfa75e2c6106d947923dc32ae859af2b876c6b079423f34a3c18d6e04d2061cee1f3e001b81b2c133df8670c17813dd5503a3e96f6eac4b9f5e7acac355fed9f319ec172ac802bdb0c744675bfa7400d7af8eeb63be89d3459b72703e752c84c490f6eeba8d6e10d0771e0f09b35bb90284106b50ae4e6224194617d092d8f69833726b725da',
  ready: '0552454144590000000000000001a61cdc250ba2f0d3c60dd2fb62448186403b4fe6b6eb7c5a47693c6cf0',
  fromClient: '074d455353414745000000000000000383f6441739e82252e85076b26a85bf4e593f12f424b1',
  fromServer: '074d455353414745000000000000000272c7fc41575506cebeafcc38e260b835a0',
};

test('the bytes of a whole connection are the known ones', () => {
  const played = play();
  const actual = Object.fromEntries(Object.entries(played).map(([name, command]) => [name, hex(command)]));
  expect(actual).toEqual(expected);
});
