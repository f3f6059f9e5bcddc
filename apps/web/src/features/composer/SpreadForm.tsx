import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Composer.module.css';
import type { Spread } from './spread.ts';
import { composerTexts } from './texts.ts';

interface Props {
  spread: Spread;
  onChange: (spread: Spread) => void;
}

/** How it spreads over the servers; what is left empty the server decides by the risk. */
export function SpreadForm({ spread, onChange }: Props) {
  const t = useTexts(composerTexts);
  const number = (key: 'parallel' | 'canary' | 'stopFailed' | 'perZone' | 'timeoutSeconds', label: string, min = 1) => (
    <NumberInput
      label={label}
      min={min}
      allowDecimal={false}
      allowNegative={false}
      value={spread[key] ?? ''}
      onChange={(value) => onChange({ ...spread, [key]: value === '' ? null : Number(value) })}
    />
  );
  return (
    <details className={css.spread}>
      <summary>{t('advanced')}</summary>
      <div className={css.spreadFields}>
        {number('parallel', t('parallel'))}
        {number('canary', t('canary'))}
        <TextInput
          label={t('waveList')}
          description={t('waveListHint')}
          value={spread.waves}
          onChange={(event) => onChange({ ...spread, waves: event.currentTarget.value })}
        />
        <Switch
          label={`${t('between')}: ${spread.ask ? t('betweenAsk') : t('betweenNone')}`}
          checked={spread.ask}
          onChange={(event) => onChange({ ...spread, ask: event.currentTarget.checked })}
        />
        {number('stopFailed', t('stopAt'), 0)}
        <Select
          label={t('order')}
          allowDeselect={false}
          data={(['inventory', 'random', 'by_zone'] as const).map((value) => ({ value, label: t(value) }))}
          value={spread.order}
          onChange={(value) =>
            onChange({ ...spread, order: value === 'random' || value === 'by_zone' ? value : 'inventory' })
          }
        />
        {number('perZone', t('perZone'))}
        {number('timeoutSeconds', t('timeLimit'))}
      </div>
    </details>
  );
}
