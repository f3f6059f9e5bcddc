import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from './wait.ts';
import { createWorkspace } from './workspace.ts';

/** This machine as another one: what is written to /etc, /var, /run and /usr/local there never happens here. */
export interface View {
  /** Stands before a command that shall run there. */
  within: readonly string[];
  /** A path of it, as this process reaches it. */
  path(inside: string): string;
  sh(script: string, ...args: string[]): string;
  remove(): Promise<void>;
}

const folders = ['/etc', '/var', '/usr/local', '/run'];
/** Layers over the folders, in a mount namespace of its own; the upper ones are in memory and end with it. */
const script = `
mount -t tmpfs tmpfs "$1" || exit
shift
top=$1
shift
for folder; do
  mkdir -p "$top/up$folder" "$top/work$folder" || exit
  mount -t overlay overlay -o "lowerdir=$folder,upperdir=$top/up$folder,workdir=$top/work$folder" "$folder" || exit
done
mkdir "$top/ready"
exec sleep infinity`;

/** False where the machine has no mount namespaces or no overlays for us. */
export function canView(): boolean {
  try {
    const probe =
      'mount -t tmpfs tmpfs /mnt && mkdir /mnt/u /mnt/w && mount -t overlay o -o lowerdir=/etc,upperdir=/mnt/u,workdir=/mnt/w /etc';
    execFileSync('unshare', ['-m', 'sh', '-c', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Needs root. */
export async function createView(): Promise<View> {
  const workspace = createWorkspace('view', 0o711);
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', workspace.dir, workspace.dir, ...folders], {
    stdio: 'ignore',
  });
  const holder = workspace.adopt(child, 'unshare');
  const path = (inside: string) => join(`/proc/${holder.pid}/root`, inside);
  await waitFor('the view is there', () => {
    if (!holder.running) throw new Error('no view: a mount failed');
    return existsSync(path(`${workspace.dir}/ready`));
  });
  const within = ['nsenter', '-t', String(holder.pid), '-m', '--'];
  return {
    within,
    path,
    sh: (text, ...args) =>
      execFileSync(within[0] ?? '', [...within.slice(1), 'sh', '-c', text, 'sh', ...args], {
        ...{ encoding: 'utf8', stdio: 'pipe' },
      }),
    async remove() {
      await holder.kill9();
      workspace.remove();
    },
  };
}
