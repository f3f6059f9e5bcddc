export type { BackoffOptions } from './backoff.ts';
export { fromBase64 } from './base64.ts';
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.ts';
export type { ClientState, FailureCause } from './connection.ts';
export { type UploadWish, uploadFile } from './files.ts';
export { formatInvite, type InviteLink, parseInvite, webSocketUrl } from './invite.ts';
export { type PagedName, pages } from './pages.ts';
export { resumeParams } from './resume.ts';
export { createTerminalKeys, type TerminalKeys } from './terminalKeys.ts';
export {
  type CloseReason,
  createWebSocketTransport,
  subprotocol,
  type Transport,
  type TransportEvents,
  type WebSocketLike,
  type Wire,
} from './transport.ts';
