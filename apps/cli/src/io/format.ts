import type { HostState, Risk, RunState } from '@omanager/contract';
import { dim, green, red, type Text, yellow } from './text.ts';

/** `2026-11-22 15:41:03` in the operator's own time zone. */
export function formatTime(iso: string | null): string {
  if (iso === null) return '';
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

export function formatDuration(ms: number | null): string {
  if (ms === null) return '';
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const minutes = Math.floor(ms / 60_000);
  const rest = Math.floor((ms % 60_000) / 1000);
  const parts =
    minutes < 60
      ? [
          [minutes, 'min'],
          [rest, 's'],
        ]
      : [
          [Math.floor(minutes / 60), 'h'],
          [minutes % 60, 'min'],
        ];
  return parts.flatMap(([count, unit]) => (count === 0 ? [] : `${count} ${unit}`)).join(' ');
}

export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

/** `prod 40, staging 2`. */
export function formatCounts(counts: Readonly<Record<string, number>>): string {
  const present = Object.entries(counts).filter(([, count]) => count > 0);
  return present.map(([name, count]) => `${name} ${count}`).join(', ');
}

/** States as people write them: `timed out`. */
export const hostStateWord = (state: string): string => state.replaceAll('_', ' ');

export function hostStateText(state: HostState): Text {
  if (state === 'ok') return green(state);
  if (state === 'pending' || state === 'connecting' || state === 'running') return hostStateWord(state);
  return state === 'skipped' || state === 'not_started' ? yellow(hostStateWord(state)) : red(hostStateWord(state));
}

export function runStateText(state: RunState): Text {
  if (state === 'succeeded') return green(state);
  if (state === 'partly_succeeded') return yellow('partly succeeded');
  return state === 'failed' || state === 'aborted' ? red(state) : state;
}

export function riskText(risk: Risk): Text {
  if (risk === 'read') return dim(risk);
  return risk === 'change' ? risk : risk === 'disruptive' ? yellow(risk) : red(risk);
}

export const servers = (count: number): string => `${count} server${count === 1 ? '' : 's'}`;
