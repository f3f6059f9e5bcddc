import pino, { type DestinationStream, type Logger } from 'pino';
import { hideSecrets, hideSecretText } from './secretWords.ts';

/**
 * The server's log: one JSON object a line. What is named like a secret is masked at any depth, and so is text that
 * looks like one; the statement of a failed database query is left out, since it holds values.
 */
export function createLog(level: string, destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: {},
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: {
        level: (label) => ({ level: label }),
        log: (details) =>
          Object.fromEntries(Object.entries(details).map(([key, value]) => [key, hideSecrets(key, value)])),
      },
      serializers: { err: (error) => error },
      hooks: { streamWrite: hideSecretText },
    },
    destination,
  );
}
