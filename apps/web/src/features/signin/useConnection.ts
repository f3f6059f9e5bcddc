import type { OmError } from '@omanager/contract';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { asOmError } from '../../data/calls.ts';
import type { ServerConnection, SessionPort, Who } from '../../session/port.ts';

export type Opening =
  | { readonly at: 'opening' }
  | { readonly at: 'resuming' | 'ready'; readonly connection: ServerConnection }
  | { readonly at: 'failed'; readonly error: OmError };

interface Options {
  port: SessionPort;
  profileId: string;
  /** The session of before still lives. */
  onResumed(connection: ServerConnection, who: Who): void;
}

/** Connects to the server of a profile while it is on the screen. `handOver`: the connection outlives the screen. */
export function useConnection({ port, profileId, onResumed }: Options) {
  const [opening, setOpening] = useState<Opening>({ at: 'opening' });
  const handed = useRef<ServerConnection | null>(null);
  const resumed = useEffectEvent((connection: ServerConnection, who: Who) => {
    handed.current = connection;
    onResumed(connection, who);
  });

  useEffect(() => {
    let left = false;
    let connection: ServerConnection | undefined;
    const open = async (): Promise<void> => {
      connection = await port.connect(profileId);
      if (left) return connection.close();
      setOpening({ at: 'resuming', connection });
      const who = await connection.resume();
      if (left) return;
      if (who) resumed(connection, who);
      else setOpening({ at: 'ready', connection });
    };
    open().catch((error: unknown) => {
      if (!left) setOpening({ at: 'failed', error: asOmError(error) });
    });
    return () => {
      left = true;
      if (connection && handed.current !== connection) connection.close();
    };
  }, [port, profileId]);

  return {
    opening,
    handOver(connection: ServerConnection) {
      handed.current = connection;
    },
  };
}
