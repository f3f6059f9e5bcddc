import type { Client } from '@omanager/client';
import type { ResultOf } from '@omanager/contract';
import type { Profile } from './profile.ts';

export type Who = ResultOf<'access.whoami'>;

/** How a sign-in goes on: `totp` asks for `verifyTotp`. */
export type SignInStep = { readonly next: 'done'; readonly who: Who } | { readonly next: 'totp' };

/** What an invite link says, for a person to look at before anything is sent. */
export interface Invitation {
  readonly address: string;
  readonly tls: boolean;
  /** Base64url; `fingerprint` is how people compare it. */
  readonly serverKey: string;
  readonly fingerprint: string;
  /** The one-time code; null in a link that only names the server. */
  readonly code: string | null;
  /** The profile of this very server, if there is one. */
  readonly known: Profile | null;
  /** A profile of the same address whose server has another key. */
  readonly conflicting: Profile | null;
  /** Where to open this link instead: a page may talk to the server it came from, and to no other. */
  readonly elsewhere: string | null;
}

export interface Enrolment {
  readonly name: string;
  readonly environment: Profile['environment'];
  readonly userName: string;
  readonly password: string;
  readonly deviceName: string;
}

/**
 * One server, connected to. Its client waits while nobody is signed in: calls and streams go on once somebody is.
 * Signing in rejects with `DISCONNECTED` when the server cannot be reached; `details.cause` is a FailureCause.
 */
export interface ServerConnection {
  readonly profile: Profile;
  readonly client: Client;
  /** Takes up the session of before, if there is one that still lives; null: sign in. */
  resume(): Promise<Who | null>;
  signIn(credentials: { userName: string; password: string }): Promise<SignInStep>;
  verifyTotp(code: string): Promise<SignInStep>;
  changePassword(passwords: { current: string; next: string }): Promise<void>;
  /** Ends the session here and, if it can be told, on the server; then closes. */
  signOut(): Promise<void>;
  close(): void;
}

/**
 * What the screens need of sign-in, without ever seeing a key or a session's secret. In a browser it is made of
 * WebCrypto and IndexedDB, on the desktop another process stands behind it.
 */
export interface SessionPort {
  /** False: device keys are forgotten with this page, and the next visit needs a new invite. */
  keepsDeviceKeys(): Promise<boolean>;
  /** Last used first. */
  profiles(): Promise<readonly Profile[]>;
  /** Its name and environment may change. */
  saveProfile(profile: Profile): Promise<void>;
  /** With its device key and session. */
  removeProfile(id: string): Promise<void>;
  /** Reads a link; sends nothing. Throws `INVITE_INVALID`. */
  readInvite(text: string): Promise<Invitation>;
  /** The invite that this page was opened with; only the first call gets it. */
  takeInvite(): string | null;
  /** What to call this device unless the person says otherwise. */
  deviceName(): string;
  /** Throws `NOT_ENROLLED` where this device has no key for that server. */
  connect(profileId: string): Promise<ServerConnection>;
  /** Makes a device key, redeems the invite and signs in. */
  enrol(
    invitation: Invitation,
    enrolment: Enrolment,
  ): Promise<{ readonly connection: ServerConnection; readonly step: SignInStep }>;
}
