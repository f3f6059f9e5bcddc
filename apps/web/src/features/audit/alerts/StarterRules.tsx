import { Checkbox } from '@mantine/core';
import { useState } from 'react';
import { useAnswer, useChange } from '../../../data/calls.ts';
import { useLanguage, useTexts, useTitle } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import layout from '../../../ui/layout.module.css';
import { SeverityChip } from '../../../ui/SeverityChip.tsx';
import css from './Alerts.module.css';
import { alertTexts } from './texts.ts';

/** Rules to begin with: all that are not there yet are chosen. */
export function StarterRules({ onClose }: { onClose: () => void }) {
  const t = useTexts(alertTexts);
  const title = useTitle();
  const language = useLanguage();
  const starters = useAnswer('alerts.starterRules', {});
  const add = useChange('alerts.addStarterRules', { refresh: ['alerts.rules', 'alerts.starterRules'] });
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const items = starters.data?.items ?? [];
  const chosen = items.filter(({ key, added }) => !added && !left.has(key)).map(({ key }) => key);
  function turn(key: string, on: boolean): void {
    const next = new Set(left);
    if (on) next.delete(key);
    else next.add(key);
    setLeft(next);
  }
  return (
    <FormDialog
      wide
      title={t('starter')}
      submit={t('addChosen', { count: chosen.length })}
      disabled={chosen.length === 0}
      busy={add.isPending}
      error={add.error ?? starters.error}
      onSubmit={() => add.mutate({ keys: chosen, language }, { onSuccess: onClose })}
      onClose={onClose}
    >
      <p>{t('starterWhy')}</p>
      <div className={css.starters}>
        {items.map(({ key, title: name, rule, added }) => (
          <Checkbox
            key={key}
            disabled={added}
            checked={added || !left.has(key)}
            label={
              <>
                {title(name)} <SeverityChip severity={rule.severity} />{' '}
                {added && <span className={layout.tag}>{t('added')}</span>}
              </>
            }
            onChange={(event) => turn(key, event.currentTarget.checked)}
          />
        ))}
      </div>
    </FormDialog>
  );
}
