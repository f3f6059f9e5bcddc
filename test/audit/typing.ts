import ssh2 from 'ssh2';
import type { LabUser } from '../lab/users.ts';

/** What shells ask with; the user's rc file sets PS1 and PS2 to it. */
export const prompt = 'typed-here> ';

/** Somebody at a terminal. */
export interface Typist {
  /** Types each line once the shell asks for one; ends when it asks again, or is over. */
  type(lines: readonly string[]): Promise<void>;
  /** All that the terminal showed. */
  shown(): string;
  /** The connection is cut. */
  leave(): void;
}

/** Signs in by password, with a terminal. */
export async function sitDown(user: LabUser, { address, port }: { address: string; port: number }): Promise<Typist> {
  const client = new ssh2.Client();
  await new Promise<void>((resolve, reject) => {
    client.once('ready', resolve).once('error', reject);
    client.connect({ host: address, port, username: user.name, password: user.password });
  });
  const channel = await new Promise<ssh2.ClientChannel>((resolve, reject) => {
    client.shell({ cols: 20_000, rows: 50, term: 'dumb' }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  let shown = '';
  let seen = 0;
  let closed = false;
  let news = Promise.withResolvers<void>();
  channel.on('data', (data: Buffer) => {
    shown += data.toString();
    news.resolve();
  });
  channel.once('close', () => {
    closed = true;
    client.end();
    news.resolve();
  });
  async function asked(): Promise<void> {
    for (;;) {
      const at = shown.indexOf(prompt, seen);
      if (at >= 0 || closed) {
        seen = at < 0 ? shown.length : at + prompt.length;
        return;
      }
      await news.promise;
      news = Promise.withResolvers();
    }
  }
  await asked();
  return {
    async type(lines) {
      for (const line of lines) {
        channel.write(`${line}\r`);
        await asked();
      }
    },
    shown: () => shown,
    leave: () => client.end(),
  };
}
