import type { Client } from '@omanager/client';
import type { Permission, ResultOf } from '@omanager/contract';
import { createContext, type ReactNode, useContext } from 'react';

export type Who = ResultOf<'access.whoami'>;

/** A person who is signed in to one server. */
export interface Session {
  readonly client: Client;
  readonly who: Who;
  /** Of the server profile. */
  readonly server: { readonly name: string; readonly address: string; readonly environment: string | null };
  signOut(): Promise<void>;
}

const context = createContext<Session | null>(null);

export function SessionProvider({ session, children }: { session: Session; children: ReactNode }) {
  return <context.Provider value={session}>{children}</context.Provider>;
}

/** Who is signed in, and the client to call with. */
export function useSession(): Session {
  const session = useContext(context);
  if (!session) throw new Error('useSession: only below SessionProvider');
  return session;
}

/** Whether this person may do something: controls that may not be used are hidden, or shown locked with a reason. */
export function useMay(): (permission: Permission) => boolean {
  const { who } = useSession();
  return (permission) => who.permissions.includes(permission);
}
