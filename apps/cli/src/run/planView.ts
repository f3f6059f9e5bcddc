import { compressRanges, type LineFilter, type Plan } from '@omanager/contract';
import { z } from 'zod';
import { type Cli, titleOf } from '../cli.ts';
import { formatBytes, formatCounts, formatDuration, formatTime, riskText, servers } from '../io/format.ts';
import { bold, dim, outputLine, type Text, yellow } from '../io/text.ts';
import { gateText } from './gate.ts';
import { rolloutLines } from './waves.ts';

/** What will run, where and how, as the server froze it. */
export function printPlan(cli: Cli, plan: Plan): void {
  const { out } = cli;
  const { module } = plan;
  const field = (name: string, ...text: Text[]): void => out.line(dim(name.padEnd(9)), ...text);
  field('Module', bold(module.id), ` ${module.version}  ${titleOf(cli, module.title)}  [`, riskText(module.risk), ']');
  field('Targets', `${plan.selector}: `, bold(servers(plan.total)));
  field('', `${formatCounts(plan.environments)}  ·  zones: ${formatCounts(plan.zones)}`);
  const as = plan.runAs === null ? 'the login user' : plan.runAs;
  const limits = `at most ${formatDuration(plan.timeoutMs)}`;
  field('Runs as', as, plan.follow ? `, until it is stopped, ${limits}` : `, ${plan.parallel} at once, ${limits} each`);
  if (plan.filter) field('Lines', filterText(plan.filter));
  const { waves, stops } = rolloutLines(plan.rollout);
  if (waves !== '') field('Waves', waves);
  if (stops !== '') field('Stops', stops);
  const params = Object.entries(plan.params);
  if (params.length > 0) field('Params', params.map(([name, value]) => `${name}=${show(value)}`).join('  '));
  for (const { message, hosts, count } of plan.warnings) {
    const more = count > hosts.length ? ' …' : '';
    field('Warning', yellow(message), hosts.length > 0 ? `: ${compressRanges(hosts)}${more} (${count})` : '');
  }
  if (plan.gate.kind !== 'none') field('Gate', gateText(plan.gate));
  field('Digest', dim(plan.digest));
}

function filterText({ include, exclude, ignoreCase }: LineFilter): Text[] {
  return [
    include === undefined ? 'all' : `with ${include}`,
    exclude === undefined ? '' : `, without ${exclude}`,
    ignoreCase ? ', whatever the case' : '',
  ];
}

/** The rest of a plan, for who wants to look closely. */
export function printPlanScript(cli: Cli, plan: Plan): void {
  cli.out.line(dim(`What runs (plan ${plan.id}, good until ${formatTime(plan.expiresAt)}):`));
  for (const line of plan.script.split('\n')) cli.out.line('  ', outputLine(line));
}

const fileSchema = z.object({ name: z.string(), bytes: z.number() });

function show(value: unknown): string {
  const file = fileSchema.safeParse(value);
  if (file.success) return `${file.data.name} (${formatBytes(file.data.bytes)})`;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}
