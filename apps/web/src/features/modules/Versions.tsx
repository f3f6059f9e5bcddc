import { Button } from '@mantine/core';
import type { ModuleDetail, ModuleVersion } from '@omanager/contract';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { useAnswer } from '../../data/calls.ts';
import { useMay } from '../../data/session.tsx';
import { useTexts } from '../../i18n/useTexts.ts';
import { EmptyState } from '../../ui/EmptyState.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import layout from '../../ui/layout.module.css';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import { uiTexts } from '../../ui/texts.ts';
import css from './Detail.module.css';
import { moduleTexts } from './texts.ts';
import { VersionDiff } from './VersionDiff.tsx';

/** Every version of a module, and what changed from one to the next. */
export function Versions({ module }: { module: ModuleDetail }) {
  const ui = useTexts(uiTexts);
  const { data, error, refetch, isPlaceholderData } = useAnswer('modules.versions', { module: module.id });
  const [chosen, setChosen] = useState<string | null>(null);
  if (error) return <ErrorNote error={error} onRetry={() => void refetch()} />;
  if (!data || isPlaceholderData) return <EmptyState title={ui('loading')} />;
  const digest = chosen ?? data.items[0]?.digest;
  const shown = data.items.find((version) => version.digest === digest);
  return (
    <div className={css.reading}>
      <VersionTable versions={data.items} chosen={digest} onChoose={setChosen} />
      {shown && (
        <VersionDiff
          key={shown.digest}
          version={shown}
          versions={data.items}
          action={<Continue module={module} version={shown} />}
        />
      )}
    </div>
  );
}

function VersionTable({
  versions,
  chosen,
  onChoose,
}: {
  versions: readonly ModuleVersion[];
  chosen: string | undefined;
  onChoose: (digest: string) => void;
}) {
  const t = useTexts(moduleTexts);
  return (
    <div className={css.wrap}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t('version')}</th>
            <th scope="col">{t('comment')}</th>
            <th scope="col">{t('by')}</th>
            <th scope="col">{t('when')}</th>
            <th scope="col">{t('runCount')}</th>
            <th scope="col">{t('digest')}</th>
          </tr>
        </thead>
        <tbody>
          {versions.map(({ version, digest, comment, author, at, runs, current }) => (
            <tr key={digest} className={digest === chosen ? css.chosen : undefined}>
              <td className={css.narrow}>
                <button
                  type="button"
                  className={css.pick}
                  aria-pressed={digest === chosen}
                  onClick={() => onChoose(digest)}
                >
                  {safeText(version)}
                </button>{' '}
                {current && <span className={layout.tag}>{t('current')}</span>}
              </td>
              <td className={css.wide}>{safeText(comment)}</td>
              <td className={css.narrow}>{author === null ? t('server') : safeText(author)}</td>
              <td className={css.narrow}>
                <Ago at={at} />
              </td>
              <td className={layout.mono}>{runs}</td>
              <td className={`${layout.mono} ${layout.muted}`} title={digest}>
                {digest.slice(0, 8)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** An earlier text as the beginning of the next version. */
function Continue({ module, version }: { module: ModuleDetail; version: ModuleVersion }) {
  const t = useTexts(moduleTexts);
  const may = useMay();
  const [, navigate] = useLocation();
  if (module.source !== 'ui' || module.retired || version.current || !may('module.write')) return null;
  const from = `?from=${encodeURIComponent(version.digest)}`;
  return (
    <Button size="xs" onClick={() => navigate(`/modules/${encodeURIComponent(module.id)}/edit${from}`)}>
      {t('continueFrom', { version: safeText(version.version) })}
    </Button>
  );
}
