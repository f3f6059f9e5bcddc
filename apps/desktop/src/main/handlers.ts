import { hostname } from 'node:os';
import { OmError } from '@omanager/contract';
import type { BrowserWindow } from 'electron';
import { z } from 'zod';
import type { Activity } from './activity.ts';
import type { Handlers } from './bridge.ts';
import type { Calls } from './calls.ts';
import type { Connections } from './connections.ts';
import type { CrashGuard } from './crash.ts';
import type { Electron } from './electron.ts';
import type { FollowedRuns } from './followedRuns.ts';
import type { KeyStore } from './keyStore.ts';
import type { Links } from './links.ts';
import type { Notices } from './notifications.ts';
import type { Profiles } from './profiles.ts';
import { saveFile } from './save.ts';
import type { Language } from './texts.ts';
import type { Updates } from './update.ts';

export interface Parts {
  electron: Pick<Electron, 'dialog'>;
  version: string;
  platform: NodeJS.Platform;
  window(): BrowserWindow | null;
  profiles: Profiles;
  keys: KeyStore;
  connections: Connections;
  calls: Calls;
  activity: Activity;
  followed: FollowedRuns;
  notices: Notices;
  updates: Updates;
  crashes: CrashGuard;
  links: Links;
  openExternal(url: string): void;
  setLanguage(language: Language): void;
}

const watchedRun = z.object({ runId: z.string().max(100) });

/** What each request of the page does: one line each, the rules are in the parts. */
export function createHandlers(parts: Parts): Handlers {
  const { profiles, keys, connections, calls, activity, notices, updates, links } = parts;
  const nothing =
    <T extends unknown[]>(act: (...args: T) => void) =>
    (...args: T): null => {
      act(...args);
      return null;
    };

  return {
    'app.start': () => ({
      version: parts.version,
      platform: parts.platform,
      deviceName: hostname().slice(0, 100) || 'Desktop',
      cleanStart: parts.crashes.cleanStart(),
      link: links.take(),
      keysRefused: keys.refused(),
    }),
    'app.language': nothing(({ language }) => parts.setLanguage(language)),

    'profiles.list': () => profiles.list(),
    'profiles.save': nothing(({ profile }) => {
      const known = profiles.get(profile.id);
      if (!known) throw new OmError('NOT_FOUND', 'There is no such profile.');
      // How people call it may change; where it leads to is the invite's to say.
      profiles.save({ ...known, name: profile.name, environment: profile.environment });
    }),
    'profiles.remove': nothing(({ profileId }) => {
      profiles.remove(profileId);
      keys.remove(profileId);
    }),

    'connection.open': ({ profileId }) => connections.open(profileId),
    'connection.enrol': (params) => connections.enrol(params),
    'connection.resume': ({ connection }) => connections.get(connection).resume(),
    'connection.signIn': ({ connection, ...credentials }) => connections.get(connection).signIn(credentials),
    'connection.verifyTotp': ({ connection, code }) => connections.get(connection).verifyTotp(code),
    async 'connection.signOut'({ connection }) {
      await connections.get(connection).signOut();
      connections.close(connection);
      return null;
    },
    'connection.retryNow': nothing(({ connection }) => connections.get(connection).client.retryNow()),
    'connection.close': nothing(({ connection }) => connections.close(connection)),

    'call.send': (params) => calls.send(params),
    'call.cancel': nothing(({ call }) => calls.cancel(call)),
    'stream.open': nothing((params) => {
      calls.openStream(params);
      const run = params.method === 'runs.watch' ? watchedRun.safeParse(params.params).data : undefined;
      if (run) parts.followed.follow(connections.get(params.connection).client, run.runId);
    }),
    'stream.more': nothing(({ stream, credit }) => calls.more(stream, credit)),
    'stream.close': nothing(({ stream }) => calls.closeStream(stream)),

    async 'file.save'({ suggestedName, content }) {
      const window = parts.window();
      return window && saveFile(parts.electron, window, suggestedName, content);
    },
    'link.open': nothing(({ url }) => parts.openExternal(url)),
    'notice.show': nothing((notice) => notices.show(notice)),
    'activity.set': nothing(({ runs, waiting }) => activity.fromPage(runs, waiting)),
    'update.check': () => updates.check(),
    'update.install': () => updates.install(),
  };
}
