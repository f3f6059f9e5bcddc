import { ActionIcon, Autocomplete, TagsInput } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { Link } from 'wouter';
import { useTexts } from '../i18n/useTexts.ts';
import { ErrorNote } from '../ui/ErrorNote.tsx';
import { safeText } from '../ui/safeText.ts';
import { Ago } from '../ui/Time.tsx';
import css from './OptionsField.module.css';
import type { OptionsSource } from './options.ts';
import { optionTexts } from './optionTexts.ts';
import { useOptions } from './useOptions.ts';

interface Props {
  id: string;
  source: OptionsSource;
  /** A text, or a list of them. */
  list: boolean;
  value: unknown;
  required: boolean;
  error: boolean;
  disabled: boolean;
  describedBy: string | undefined;
  onChange: (value: unknown) => void;
}

/** A field with values to choose from. Any other can be typed. */
export function OptionsField({ id, source, list, value, required, error, disabled, describedBy, onChange }: Props) {
  const t = useTexts(optionTexts);
  const text = typeof value === 'string' ? value : '';
  const { offered, failure, busy, load, ready } = useOptions(source, list ? '' : text);
  const ofModule = 'module' in source;
  const reload = ofModule && (
    <ActionIcon
      aria-label={t('load', { module: safeText(source.module) })}
      title={ready ? t('load', { module: safeText(source.module) }) : t('chooseServers')}
      loading={busy}
      disabled={disabled || !ready}
      onClick={() => load(offered !== null)}
    >
      <IconRefresh size={16} stroke={1.5} aria-hidden="true" />
    </ActionIcon>
  );
  const common = {
    ...{ id, required, disabled, error, rightSection: reload, data: [...(offered?.values ?? [])] },
    ...{ withAsterisk: false, autoComplete: 'off', spellCheck: false, onFocus: ofModule ? undefined : () => load() },
    'aria-describedby': describedBy,
  };
  return (
    <div>
      {list ? (
        <TagsInput {...common} value={listOf(value)} onChange={onChange} />
      ) : (
        <Autocomplete {...common} limit={100} value={text} onChange={onChange} />
      )}
      {offered && (
        <p className={css.hint}>
          {t('found', { count: offered.values.length })}
          {offered.runId !== null && (
            <>
              {' · '}
              <Ago at={new Date(offered.at).toISOString()} />
              {' · '}
              <Link href={`/runs/${offered.runId}`} className={css.link}>
                {t('showRun')}
              </Link>
            </>
          )}
        </p>
      )}
      {!offered && ofModule && !failure && <p className={css.hint}>{t(ready ? 'mayLoad' : 'chooseServers')}</p>}
      {failure && <ErrorNote error={failure} onRetry={() => load(true)} />}
    </div>
  );
}

const listOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
