export type { BackoffOptions } from './backoff.ts';
export { type CallOptions, type Client, type ClientOptions, createClient } from './client.ts';
export type { ClientState, FailureCause } from './connection.ts';
export { formatInvite, type InviteLink, parseInvite, webSocketUrl } from './invite.ts';
export { type PagedName, pages } from './pages.ts';
export { resumeParams } from './resume.ts';
export { createTerminalKeys, fromBase64, type TerminalKeys } from './terminalKeys.ts';
export {
  type CloseReason,
  createWebSocketTransport,
  subprotocol,
  type Transport,
  type TransportEvents,
  type WebSocketLike,
  type Wire,
} from './transport.ts';
