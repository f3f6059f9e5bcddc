import { Button } from '@mantine/core';
import type { ModuleDetail } from '@omanager/contract';
import { IconHistory } from '@tabler/icons-react';
import { useState } from 'react';
import { asOmError, useAnswer } from '../../data/calls.ts';
import { useSession } from '../../data/session.tsx';
import { type Field, type Values, valuesOfRun } from '../../forms/params.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { Ago } from '../../ui/Time.tsx';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';

interface Props {
  module: ModuleDetail;
  fields: readonly Field[];
  values: Values;
  onFill: (values: Values) => void;
}

/** What the last run of this module was given, by whom and when; secrets and files are never among it. */
export function FillFromLast({ module, fields, values, onFill }: Props) {
  const t = useTexts(composerTexts);
  const { client } = useSession();
  const usage = useAnswer('modules.usage', { modules: [module.id] });
  const [error, setError] = useState<ReturnType<typeof asOmError> | null>(null);
  const [filled, setFilled] = useState(false);
  const last = usage.isPlaceholderData ? null : (usage.data?.items[0]?.last ?? null);
  if (last === null) return null;

  async function fill(runId: string): Promise<void> {
    setError(null);
    try {
      const { params } = await client.call('runs.get', { runId });
      onFill(valuesOfRun(fields, params, values));
      setFilled(true);
    } catch (cause) {
      setError(asOmError(cause));
    }
  }

  return (
    <div className={css.last}>
      <Button
        {...{ variant: 'subtle', size: 'compact-sm' }}
        leftSection={<IconHistory size={16} stroke={1.5} aria-hidden="true" />}
        onClick={() => void fill(last.runId)}
      >
        {t('fillLast')}
      </Button>
      <span role="status">
        {filled && `${t('filledLast')} · `}
        {safeText(last.startedBy)}, <Ago at={last.at} />
      </span>
      {error && <ErrorNote error={error} onRetry={() => void fill(last.runId)} />}
    </div>
  );
}
