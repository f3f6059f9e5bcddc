import type { ImportPreview } from '@omanager/contract';

/** A line of a preview, worst first: what cannot be read, what goes, what changes, what comes. */
export type PreviewRow =
  | { readonly kind: 'invalid'; readonly line: number; readonly message: string }
  | { readonly kind: 'willRemove'; readonly name: string }
  | {
      readonly kind: 'willChange';
      readonly name: string;
      readonly fields: readonly { field: string; from: string; to: string }[];
    }
  | { readonly kind: 'new'; readonly name: string; readonly what: string };

export function previewRows({ problems, removed, changed, added }: ImportPreview): PreviewRow[] {
  return [
    ...problems.map(({ line, message }) => ({ kind: 'invalid' as const, line, message })),
    ...removed.map((name) => ({ kind: 'willRemove' as const, name })),
    ...changed.map(({ name, fields }) => ({ kind: 'willChange' as const, name, fields })),
    ...added.map(({ name, user, address, port, environment, groups }) => ({
      kind: 'new' as const,
      name,
      what: [`${user}@${address}:${port}`, environment, ...groups].join(' · '),
    })),
  ];
}
