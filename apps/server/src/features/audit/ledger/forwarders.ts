import { type CheckpointForwarder, createForwarder } from './checkpointForwarder.ts';
import { syslogSender } from './checkpointSyslog.ts';
import { webhookSender } from './checkpointWebhook.ts';

/** One for each target that is set. */
export function forwardersTo(
  { syslog, webhook }: { syslog: URL | null; webhook: URL | null },
  log: { error(details: object, message: string): void },
): CheckpointForwarder[] {
  return [
    ...(syslog ? [createForwarder({ to: 'syslog', send: syslogSender(syslog), log })] : []),
    ...(webhook ? [createForwarder({ to: 'webhook', send: webhookSender(webhook), log })] : []),
  ];
}
