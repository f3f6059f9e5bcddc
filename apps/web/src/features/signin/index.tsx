import { Button, PasswordInput, TextInput } from '@mantine/core';
import { createClient, createWebSocketTransport, parseInvite, webSocketUrl } from '@omanager/client';
import type { OmError } from '@omanager/contract';
import { generateKeyPair } from '@omanager/secure-channel';
import { useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import type { Session } from '../../data/session.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';

/** To be replaced by the real sign-in: enrols a device for this page only. */
export function SignIn({ onSession }: { onSession: (session: Session | null) => void }) {
  const [link, setLink] = useState('');
  const [userName, setUserName] = useState('');
  const [password, setPassword] = useState('');
  const [error, setError] = useState<OmError | null>(null);

  async function enrol(): Promise<void> {
    const invite = parseInvite(link);
    let secret: string | null = null;
    const client = createClient({
      transport: createWebSocketTransport({ url: webSocketUrl(invite) }),
      serverPublicKey: invite.serverPublicKey,
      keyPair: generateKeyPair(),
      session: () => secret,
    });
    const signedIn = await client.call('access.enrol', {
      code: invite.code ?? '',
      userName,
      password,
      deviceName: 'browser',
    });
    secret = signedIn.session;
    const who = await client.call('access.whoami', {});
    onSession({
      client,
      who,
      server: { name: invite.host, address: `${invite.host}:${invite.port}`, environment: null },
      async signOut() {
        await client.call('access.signOut', {});
        client.close();
        onSession(null);
      },
    });
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        enrol().catch((cause: unknown) => setError(asOmError(cause)));
      }}
    >
      <TextInput label="link" value={link} onChange={(event) => setLink(event.currentTarget.value)} />
      <TextInput label="user" value={userName} onChange={(event) => setUserName(event.currentTarget.value)} />
      <PasswordInput label="password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      <Button type="submit">ok</Button>
      {error && <ErrorNote error={error} />}
    </form>
  );
}
