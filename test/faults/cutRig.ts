import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@omanager/client';
import { type CuttingProxy, startCuttingProxy } from '../lab/cuttingProxy.ts';
import { generateKey } from '../lab/keys.ts';
import { enrolAdmin } from '../lab/operators.ts';
import { startServer } from '../lab/server.ts';
import { startShellServer } from '../lab/sshServer.ts';
import { createWorkspace } from '../lab/workspace.ts';
import { addHosts } from '../runs/rig.ts';

/** A server with a few hosts, reached directly and by way of a proxy that cuts. */
export interface CutRig {
  direct: Client;
  proxied: Client;
  proxy: CuttingProxy;
  /** How often a run was executed on all hosts together. */
  executions(runId: string): number;
  stop(): Promise<void>;
}

const title = 'title: { en: Test, zh: 测试 }\nrisk: read\n';

export async function startCutRig(hosts: number): Promise<CutRig> {
  await using stack = new AsyncDisposableStack();
  const workspace = createWorkspace('cut');
  stack.defer(() => workspace.remove());
  const modules = join(workspace.dir, 'modules');
  const traces = join(workspace.dir, 'traces');
  mkdirSync(modules, { mode: 0o700 });
  mkdirSync(traces);
  writeFileSync(
    join(modules, 'trace.yaml'),
    `id: test.trace\n${title}shell: mktemp "${traces}/$OM_RUN.$OM_HOST.$OM_ATTEMPT.XXXXXX"\n`,
  );
  writeFileSync(
    join(modules, 'talk.yaml'),
    `id: test.talk\n${title}params:\n  lines: { type: integer, default: 100 }\nshell: |\n` +
      '  i=0\n  while [ $i -lt "$lines" ]; do i=$((i+1)); echo "line $i of $OM_HOST"; sleep 0.05; done\n',
  );
  const server = await startServer({ env: { OM_MODULE_DIR: modules } });
  stack.defer(() => server.stop());
  const admin = await enrolAdmin(server);
  stack.defer(() => admin.client.close());
  const key = generateKey();
  const secret = { kind: 'key' as const, privateKey: key.privateKey };
  await admin.client.call('credentials.add', { name: 'lab', secret });
  await admin.client.call('zones.save', { zone: { name: 'default', hostKeyPolicy: 'accept' } });
  const drafts = [];
  for (let i = 1; i <= hosts; i++) {
    const options = { hostKey: generateKey().privateKey, authorizedKeys: [key.publicLine] };
    const { address, port, stop } = await startShellServer({ ...options, address: `127.88.0.${i}` });
    stack.defer(stop);
    drafts.push({ name: `c-${i}`, address, port, user: 'lab', credential: 'lab' });
  }
  await addHosts(admin.client, drafts);
  const proxy = await startCuttingProxy(server.port);
  stack.defer(() => proxy.stop());
  const proxied = admin.connect(proxy.port);
  stack.defer(() => proxied.close());
  const kept = stack.move();
  return {
    direct: admin.client,
    proxied,
    proxy,
    executions: (runId) => readdirSync(traces).filter((name) => name.startsWith(`${runId}.`)).length,
    stop: () => kept.disposeAsync(),
  };
}
