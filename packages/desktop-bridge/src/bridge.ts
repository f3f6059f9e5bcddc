import type { ClientState } from '@omanager/client';
import type { ErrorCode, ResultOf } from '@omanager/contract';
import type { BridgedProfile, MenuCommand } from './models.ts';
import type { RequestName } from './requests.ts';

/** An OmError as it crosses from one process to another. */
export interface BridgedError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details?: Record<string, unknown>;
}

/** A state of packages/client, its error in that form. */
export type BridgedState =
  | Exclude<ClientState, { kind: 'closed' }>
  | { readonly kind: 'closed'; readonly error: BridgedError | null };

export type BridgedStep =
  | { readonly next: 'done'; readonly who: ResultOf<'access.whoami'> }
  | { readonly next: 'totp' };

export interface OpenedConnection {
  readonly connection: number;
  readonly profile: BridgedProfile;
  readonly state: BridgedState;
}

export type UpdateState =
  | { readonly kind: 'none' }
  | { readonly kind: 'loading'; readonly version: string }
  | { readonly kind: 'ready'; readonly version: string }
  /** Ready, but runs are followed here: it waits for them. */
  | { readonly kind: 'waiting'; readonly version: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Start {
  readonly version: string;
  readonly platform: string;
  readonly deviceName: string;
  /** Two crashes in a row: the page begins empty and offers what was open. */
  readonly cleanStart: boolean;
  /** What opened the application, if it was a link. */
  readonly link: PageLink | null;
  /** Why device keys cannot be kept on this computer; null when they can. */
  readonly keysRefused: string | null;
}

/** A link that was checked: where to go, or an invite to show in the form. It never runs anything. */
export type PageLink =
  | { readonly kind: 'page'; readonly server: string; readonly path: string }
  | { readonly kind: 'invite'; readonly text: string }
  | { readonly kind: 'unknown' };

/** What each request answers. */
export interface RequestResults {
  'app.start': Start;
  'app.language': null;
  'profiles.list': readonly BridgedProfile[];
  'profiles.save': null;
  'profiles.remove': null;
  'connection.open': OpenedConnection;
  'connection.enrol': OpenedConnection & { readonly step: BridgedStep };
  'connection.resume': ResultOf<'access.whoami'> | null;
  'connection.signIn': BridgedStep;
  'connection.verifyTotp': BridgedStep;
  'connection.signOut': null;
  'connection.retryNow': null;
  'connection.close': null;
  'call.send': unknown;
  'call.cancel': null;
  'stream.open': null;
  'stream.more': null;
  'stream.close': null;
  /** The name of the file, or null when the dialog was cancelled. */
  'file.save': string | null;
  'link.open': null;
  'notice.show': null;
  'activity.set': null;
  'update.check': UpdateState;
  'update.install': UpdateState;
}

export type Answer<N extends RequestName = RequestName> =
  | { readonly ok: true; readonly result: RequestResults[N] }
  | { readonly ok: false; readonly error: BridgedError };

export type BridgeEvent =
  | { readonly type: 'state'; readonly connection: number; readonly state: BridgedState }
  | { readonly type: 'stream'; readonly stream: string; readonly item: unknown }
  /** The stream is over: by itself, or with the error. */
  | { readonly type: 'streamEnd'; readonly stream: string; readonly error: BridgedError | null }
  | { readonly type: 'menu'; readonly command: MenuCommand }
  | { readonly type: 'link'; readonly link: PageLink }
  | { readonly type: 'update'; readonly state: UpdateState };

/** `window.omanager` in the desktop window: all that the preload exposes. */
export interface DesktopBridge {
  request(name: string, params: unknown): Promise<unknown>;
  /** Returns the undo. */
  onEvent(listener: (event: unknown) => void): () => void;
}

/** The names of the two ways between page and main process. */
export const channels = { request: 'omanager:request', event: 'omanager:event' } as const;
