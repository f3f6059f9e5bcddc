export { fileText } from '@omanager/run-files';
export { type AskDesktop, createDesktopAsk, type DesktopAsk } from './ask.ts';
export type {
  Answer,
  BridgedState,
  BridgeEvent,
  DesktopBridge,
  OpenedConnection,
  PageLink,
  Start,
  UpdateState,
} from './bridge.ts';
export { createBridgedClient } from './bridgedClient.ts';
export { fromBridged } from './errors.ts';
export type { BridgedProfile, FileContent, FollowedRun, MenuCommand } from './models.ts';
