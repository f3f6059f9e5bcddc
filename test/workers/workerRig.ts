import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HostDraft } from '@omanager/contract';
import { type LabWorkerOptions, startZoneWorker } from '../lab/zoneWorker.ts';
import { addHosts, type ModuleFile, type Rig, type RigOptions, startRig } from '../runs/rig.ts';

export type WorkerRig = Rig & {
  /** Makes a zone that only workers reach, with hosts `<zone>-1` … on addresses of the sshd. */
  zone(name: string, hosts: number, draft?: Partial<HostDraft>): Promise<void>;
  /** Starts a worker and lets it in. */
  worker(name: string, zone: string, options?: Partial<LabWorkerOptions>): ReturnType<typeof startZoneWorker>;
};

/** Modules that say which attempt runs, and hold on where they are told to. */
export const zoneModules: ModuleFile[] = [
  { id: 'zone.who', shell: 'id -un; echo "$OM_HOST"' },
  { id: 'zone.secret', params: { secret: { type: 'string', secret: true } }, shell: 'echo "it is $secret"' },
  { id: 'zone.root', runAs: 'root', shell: 'id -un' },
  {
    id: 'zone.file',
    params: { blob: { type: 'string', format: 'file', maxLength: 8_000_000 } },
    shell: 'sha256sum <"$blob"; wc -c <"$blob"',
  },
  {
    id: 'zone.hold',
    risk: 'change',
    params: { folder: { type: 'string' }, seconds: { type: 'integer', default: 60 } },
    shell:
      'echo "$OM_ATTEMPT" >>"$folder/$OM_HOST"; echo begun; i=0\n' +
      'while [ $i -lt "$((seconds * 10))" ] && [ ! -e "$folder/go" ]; do i=$((i+1)); sleep 0.1; done; echo over; exit 7',
  },
];

/** A real sshd, a server, and workers of zones as processes of their own. */
export async function startWorkerRig(options: Omit<RigOptions, 'modules'>): Promise<WorkerRig> {
  const rig = await startRig({ ...options, modules: zoneModules });
  const { client, sshd, user, admin, server } = rig;
  const undo: (() => Promise<void>)[] = [];
  let used = 0;
  return {
    ...rig,
    async zone(name, hosts, draft = {}) {
      await client.call('zones.save', { zone: { name, hostKeyPolicy: 'accept', reach: 'worker' } });
      const addresses = sshd.addresses.slice(used, used + hosts);
      if (addresses.length < hosts) throw new Error('the sshd has not so many addresses');
      used += hosts;
      const drafts = addresses.map((address, i) => ({
        ...{ name: `${name}-${i + 1}`, address, port: sshd.port, user: user.name, credential: 'lab', zone: name },
        ...draft,
      }));
      await addHosts(client, drafts);
    },
    async worker(name, zone, more = {}) {
      const { serverPublicKey } = admin;
      const made = await startZoneWorker({ name, zone, ports: [server.port], serverPublicKey, admin, ...more });
      undo.push(() => made.stop());
      return made;
    },
    async stop() {
      await Promise.all(undo.map((one) => one()));
      await rig.stop();
    },
  };
}

/** How often each host executed something, by host name, as the hosts themselves wrote it down. */
export function executions(folder: string): Map<string, string[]> {
  return new Map(
    readdirSync(folder)
      .filter((name) => name !== 'go')
      .map((name) => [name, readFileSync(join(folder, name), 'utf8').trim().split('\n')]),
  );
}
