import { X509Certificate } from 'node:crypto';
import { readFile, statfs } from 'node:fs/promises';
import type { Config } from '../../config.ts';
import { descriptorLimit, descriptorsFor } from '../../descriptors.ts';
import { type Finding, ok, problem, warning } from './finding.ts';

const gib = 1024 ** 3;
const dayMs = 24 * 3_600_000;
const oldestNode = 24;

/** Node, limits, disk, certificate. */
export async function checkMachine(config: Config): Promise<Finding[]> {
  return [checkNode(), ...checkDescriptors(config), ...(await checkDisk(config.dataDir)), ...(await checkTls(config))];
}

function checkNode(): Finding {
  const major = Number(process.versions.node.split('.')[0]);
  if (major >= oldestNode) return ok('node', `Node ${process.versions.node}`);
  return problem(
    'node',
    `Node ${process.versions.node} is too old`,
    'start with bin/omserver, which finds Node 24, or install it',
  );
}

function checkDescriptors({ ssh }: Config): Finding[] {
  const limit = descriptorLimit();
  if (limit === null) return [];
  const needed = descriptorsFor(ssh.maxConnections);
  if (limit >= needed) return [ok('descriptors', `${limit} open files allowed to this shell`)];
  const message = `${limit} open files are allowed to this shell, and OM_SSH_CONNECTIONS asks for about ${needed}`;
  return [
    warning('descriptors', message, `raise it (LimitNOFILE= in the systemd unit, ulimit -n ${needed} in a shell)`),
  ];
}

async function checkDisk(path: string): Promise<Finding[]> {
  const disk = await statfs(path).catch(() => null);
  if (!disk) return [];
  const free = disk.bavail * disk.bsize;
  const message = `${(free / gib).toFixed(1)} GiB free at ${path}`;
  const mend = 'make room, or move the data folder: a full disk stops every run';
  if (free < gib / 4) return [problem('disk', message, mend)];
  if (free < 2 * gib) return [warning('disk', message, mend)];
  return [ok('disk', message)];
}

async function checkTls({ tls, publicUrl }: Config): Promise<Finding[]> {
  if (!tls) return [];
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(await readFile(tls.certFile));
    await readFile(tls.keyFile);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [problem('tls', `certificate or key cannot be read: ${why}`, 'correct OM_TLS_CERT and OM_TLS_KEY')];
  }
  const findings: Finding[] = [];
  const left = Math.floor((Date.parse(certificate.validTo) - Date.now()) / dayMs);
  if (left < 0)
    findings.push(problem('tls', `the certificate expired on ${certificate.validTo}`, 'renew it and restart'));
  else if (left < 21) findings.push(warning('tls', `the certificate expires in ${left} days`, 'renew it and restart'));
  else findings.push(ok('tls', `the certificate is valid for ${left} more days`));
  if (publicUrl && !certificate.checkHost(publicUrl.hostname)) {
    findings.push(
      problem('tls', `the certificate is not for ${publicUrl.hostname}`, 'get one for the host of OM_PUBLIC_URL'),
    );
  }
  return findings;
}
