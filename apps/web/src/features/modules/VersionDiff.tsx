import { Select } from '@mantine/core';
import type { ModuleVersion } from '@omanager/contract';
import { type ReactNode, useMemo, useState } from 'react';
import { useAnswer } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import code from './Code.module.css';
import css from './Detail.module.css';
import { DiffLines } from './DiffLines.tsx';
import { diffLines } from './diffLines.ts';
import { moduleTexts } from './texts.ts';

interface Props {
  version: ModuleVersion;
  /** Newest first. */
  versions: readonly ModuleVersion[];
  action: ReactNode;
}

/** What changed from another version, at first the one before, to this one. */
export function VersionDiff({ version, versions, action }: Props) {
  const t = useTexts(moduleTexts);
  const at = versions.findIndex(({ digest }) => digest === version.digest);
  const others = versions.filter(({ digest }) => digest !== version.digest);
  const [other, setOther] = useState<string | null>(versions[at + 1]?.digest ?? null);
  const before = versions.find(({ digest }) => digest === other);
  return (
    <section className={css.section} aria-label={t('compareWith')}>
      <div className={css.compare}>
        <Select
          aria-label={t('compareWith')}
          placeholder={t('nothingBefore')}
          data={others.map(({ digest, version: name }) => ({ value: digest, label: safeText(name) }))}
          value={other}
          onChange={setOther}
          clearable
          leftSection={null}
          w={180}
        />
        <span>
          {t('compared', {
            from: before ? safeText(before.version) : t('nothingBefore'),
            to: safeText(version.version),
          })}
        </span>
        {action}
      </div>
      <Compared before={before?.digest ?? null} after={version.digest} />
    </section>
  );
}

function Compared({ before, after }: { before: string | null; after: string }) {
  const ui = useTexts(uiTexts);
  const old = useAnswer('modules.get', { module: before ?? '-' }, { enabled: before !== null });
  const now = useAnswer('modules.get', { module: after });
  const from = before === null ? '' : textOf(old, before);
  const to = textOf(now, after);
  const lines = useMemo(() => (from === null || to === null ? null : diffLines(from, to)), [from, to]);
  const error = now.error ?? (before === null ? null : old.error);
  if (error) return <ErrorNote error={error} />;
  if (!lines) return <EmptyState title={ui('loading')} />;
  return (
    <div className={code.box}>
      <DiffLines lines={lines} />
    </div>
  );
}

/** Null while the answer is that of another version. */
function textOf({ data }: { data: { digest: string; manifest: string } | undefined }, digest: string): string | null {
  return data?.digest === digest ? data.manifest : null;
}
