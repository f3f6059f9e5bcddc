import { NumberInput, SegmentedControl, Select, Switch, TextInput } from '@mantine/core';
import { useTexts } from '../../i18n/useTexts.ts';
import css from './Composer.module.css';
import { type Spread, spreadProblem } from './spread.ts';
import { composerTexts } from './texts.ts';

interface Props {
  spread: Spread;
  onChange: (spread: Spread) => void;
}

type Counted = 'parallel' | 'canary' | 'waitSeconds' | 'stopFailed' | 'stopPercent' | 'perZone' | 'timeoutSeconds';

/** How it spreads over the servers; what is left empty the server decides by the risk. */
export function SpreadForm({ spread, onChange }: Props) {
  const t = useTexts(composerTexts);
  const change = (some: Partial<Spread>): void => onChange({ ...spread, ...some });
  const number = (key: Counted, label: string, { min = 1, max = 100_000 }: { min?: number; max?: number } = {}) => (
    <NumberInput
      {...{ label, min, max, allowDecimal: key === 'stopPercent', allowNegative: false, clampBehavior: 'strict' }}
      value={spread[key] ?? ''}
      onChange={(value) => change({ [key]: value === '' ? null : Number(value) })}
    />
  );
  const between = (['go', 'wait', 'ask'] as const).map((value) => ({ value, label: t(value) }));
  return (
    <details className={css.spread}>
      <summary>{t('advanced')}</summary>
      <div className={css.spreadFields}>
        {number('parallel', t('parallel'), { max: 1000 })}
        {number('timeoutSeconds', t('timeLimit'), { max: 7 * 86_400 })}
        <Select
          {...{ label: t('order'), allowDeselect: false, value: spread.order }}
          data={(['inventory', 'random', 'by_zone'] as const).map((value) => ({ value, label: t(value) }))}
          onChange={(value) => change({ order: value === 'random' || value === 'by_zone' ? value : 'inventory' })}
        />
        {number('perZone', t('perZone'), { max: 1000 })}
      </div>
      <fieldset className={css.spreadPart}>
        <legend>{t('wavesPart')}</legend>
        <div className={css.spreadFields}>
          {number('canary', t('canary'), { max: 1000 })}
          <TextInput
            {...{ label: t('waveList'), value: spread.waves }}
            placeholder="10, 25%, 50%"
            error={spreadProblem(spread) !== null && t('wrongWaves')}
            onChange={(event) => change({ waves: event.currentTarget.value })}
          />
        </div>
        <p className={css.spreadHint}>{t('waveListHint')}</p>
        <div className={css.between}>
          <span id="between-waves">{t('between')}</span>
          <SegmentedControl
            aria-labelledby="between-waves"
            data={between}
            value={spread.between}
            onChange={(value) => change({ between: value === 'wait' || value === 'ask' ? value : 'go' })}
          />
          {spread.between === 'wait' && (
            <NumberInput
              {...{
                'aria-label': t('waitSeconds'),
                min: 1,
                max: 7 * 86_400,
                allowDecimal: false,
                w: 110,
                suffix: ' s',
              }}
              {...{ allowNegative: false, clampBehavior: 'strict' }}
              value={spread.waitSeconds ?? ''}
              onChange={(value) => change({ waitSeconds: value === '' ? null : Number(value) })}
            />
          )}
        </div>
      </fieldset>
      <fieldset className={css.spreadPart}>
        <legend>{t('stopPart')}</legend>
        <div className={css.spreadFields}>
          {number('stopFailed', t('stopAt'), { min: 0 })}
          {number('stopPercent', t('stopAtPercent'), { min: 0, max: 100 })}
        </div>
        <Switch
          mt="xs"
          label={t('countUnreachable')}
          disabled={spread.stopFailed === null && spread.stopPercent === null}
          checked={spread.countUnreachable}
          onChange={(event) => change({ countUnreachable: event.currentTarget.checked })}
        />
      </fieldset>
    </details>
  );
}
