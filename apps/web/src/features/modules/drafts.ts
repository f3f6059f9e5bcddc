import { z } from 'zod';

/** A text somebody is writing: kept in this browser tab while they look at something else, or reload. */
export interface Draft {
  text: string;
  /** The version they began from; null for a new module. */
  base: string | null;
  at: string;
}

const schema = z.object({ text: z.string(), base: z.string().nullable(), at: z.string() });
const key = (id: string | null) => `om.moduleDraft.${id ?? '_new'}`;

export function draftOf(id: string | null): Draft | null {
  try {
    return schema.parse(JSON.parse(sessionStorage.getItem(key(id)) ?? 'null'));
  } catch {
    return null;
  }
}

export function startFrom(id: string | null, text: string, base: string | null): void {
  try {
    sessionStorage.setItem(key(id), JSON.stringify({ text, base, at: new Date().toISOString() }));
  } catch {
    // A browser that keeps nothing: the text is there while its page is.
  }
}

export function forgetDraft(id: string | null): void {
  try {
    sessionStorage.removeItem(key(id));
  } catch {
    // As above.
  }
}

/** The text with another version in it, where the old one stands. */
export function withVersion(text: string, version: string): string {
  const line = `version: "${version}"`;
  if (/^version:.*$/m.test(text)) return text.replace(/^version:.*$/m, line);
  return text.replace(/^id:.*$/m, (id) => `${id}\n${line}`);
}

/** A version that may follow: the last of its numbers is one more. */
export function versionAfter(version: string): string {
  return version.replace(/\d+$/, (last) => String(Number(last) + 1));
}

/** A module's text as the beginning of another one: its own id and number are taken. */
export function copyText(text: string, id: string): string {
  const renamed = text.replace(/^id:.*$/m, `id: site.${id}`).replace(/^legacyId:.*\n?/m, '');
  return withVersion(renamed, '1.0.0');
}

export const newModuleText = `id: site.example
version: "1.0.0"
title: { en: Example, zh: 示例 }
description: { en: What it does and what it needs, zh: 用途与前提 }
family: other
risk: read
params:
  lines:
    type: integer
    default: 20
    minimum: 1
    maximum: 1000
    title: { en: Lines, zh: 行数 }
shell: |
  uptime
  dmesg | tail -n "$lines"
`;
