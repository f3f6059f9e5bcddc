import { OmError } from '@omanager/contract';
import {
  type Answer,
  channels,
  isRequestName,
  type RequestName,
  type RequestParams,
  type RequestResults,
  requestSchemas,
  toBridged,
} from '@omanager/desktop-bridge';
import type { IpcMainInvokeEvent } from 'electron';
import type { Electron } from './electron.ts';

export type Handlers = {
  readonly [N in RequestName]: (params: RequestParams<N>) => RequestResults[N] | Promise<RequestResults[N]>;
};

interface BridgeOptions {
  /** Whether it comes from the one page that may ask. */
  isPage(event: Pick<IpcMainInvokeEvent, 'sender' | 'senderFrame'>): boolean;
  handlers: Handlers;
  log(where: string, error: unknown): void;
}

/** The only door from the page into the main process. Who asks is checked first, then what. */
export function serveBridge({ ipcMain }: Pick<Electron, 'ipcMain'>, { isPage, handlers, log }: BridgeOptions): void {
  ipcMain.handle(channels.request, async (event, name: unknown, params: unknown): Promise<Answer> => {
    try {
      if (!isPage(event)) throw new OmError('FORBIDDEN', 'Only the page of OManager may ask this.');
      if (!isRequestName(name)) throw new OmError('METHOD_NOT_FOUND', 'The page asked for what there is not.');
      return { ok: true, result: await answer(handlers, name, params) };
    } catch (error) {
      if (!(error instanceof OmError)) log(isRequestName(name) ? name : 'bridge', error);
      return { ok: false, error: toBridged(error) };
    }
  });
}

async function answer<N extends RequestName>(handlers: Handlers, name: N, params: unknown): Promise<RequestResults[N]> {
  const checked = requestSchemas[name].safeParse(params);
  if (!checked.success) {
    const where = checked.error.issues[0]?.path.join('.') ?? '';
    throw new OmError('INVALID_PARAMS', `${name}: ${where || 'its shape'} is not as it must be.`);
  }
  // The schema of this very request has just checked it; TypeScript loses that for a generic name.
  return handlers[name](checked.data as RequestParams<N>);
}
