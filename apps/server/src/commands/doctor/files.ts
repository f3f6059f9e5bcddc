import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

/** Owners and modes of the data folder, the key files and the site's modules. */
export async function checkFiles(config: Config): Promise<Finding[]> {
  const folder = await found(config.dataDir);
  if (!folder) {
    return [
      warning(
        'data folder',
        `${config.dataDir} does not exist yet`,
        'the first start makes it; else correct OM_DATA_DIR',
      ),
    ];
  }
  return [
    ...checkFolder(config.dataDir, folder),
    ...(await checkKey('server key', join(config.dataDir, 'server.key'))),
    ...(await checkKey('master key', config.masterKeyFile)),
    ...(await checkModules(config.moduleDir)),
  ];
}

type Stat = Awaited<ReturnType<typeof stat>>;

function checkFolder(path: string, { uid, mode }: Stat): Finding[] {
  const me = process.getuid?.();
  const findings: Finding[] = [];
  if (me !== undefined && me !== Number(uid)) {
    const mend = `run omserver as that user (for example: sudo -u '#${uid}' omserver doctor), or chown the folder`;
    findings.push(problem('data folder', `${path} belongs to uid ${uid}, and this is uid ${me}`, mend));
  }
  if (Number(mode) & 0o077) {
    findings.push(problem('data folder', `${path} is open to others (${octal(mode)})`, `chmod 700 ${path}`));
  }
  return findings.length > 0 ? findings : [ok('data folder', `${path} is private`)];
}

async function checkKey(check: string, path: string): Promise<Finding[]> {
  const file = await found(path);
  if (!file)
    return [warning(check, `${path} does not exist yet`, 'the first start makes it; else restore it from the backup')];
  if (Number(file.mode) & 0o077)
    return [problem(check, `${path} can be read by others (${octal(file.mode)})`, `chmod 600 ${path}`)];
  return [ok(check, `${path} is private`)];
}

async function checkModules(path: string | null): Promise<Finding[]> {
  if (path === null) return [];
  const folder = await found(path);
  if (!folder?.isDirectory()) return [problem('modules', `${path} is no folder`, 'correct OM_MODULE_DIR')];
  if (Number(folder.mode) & 0o022) {
    const message = `${path} can be written by its group or by others, who would have power over every server`;
    return [problem('modules', message, `chmod go-w ${path}`)];
  }
  if (Number(folder.uid) === process.getuid?.() && Number(folder.mode) & 0o200 && Number(folder.uid) !== 0) {
    const message = `${path} can be written by the server's own user`;
    return [warning('modules', message, `give it to root: chown -R root: ${path}`)];
  }
  return [ok('modules', `${path} is written by its owner only`)];
}

async function found(path: string): Promise<Stat | null> {
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}

const octal = (mode: Stat['mode']): string => (Number(mode) & 0o777).toString(8).padStart(3, '0');
