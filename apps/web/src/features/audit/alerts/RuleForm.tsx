import { Checkbox, Chip, NumberInput, SegmentedControl, TagsInput, Textarea, TextInput } from '@mantine/core';
import { type AlertRule, alertSeverities, type OmError } from '@omanager/contract';
import { useState } from 'react';
import { useChange } from '../../../data/calls.ts';
import { useTexts } from '../../../i18n/useTexts.ts';
import { FormDialog } from '../../../ui/FormDialog.tsx';
import layout from '../../../ui/layout.module.css';
import { safeText } from '../../../ui/safeText.ts';
import { uiTexts } from '../../../ui/texts.ts';
import css from './Alerts.module.css';
import { usePatternFault } from './patternFault.ts';
import { draftOf, type TypedRule, typedRule } from './ruleDraft.ts';
import { TryRule } from './TryRule.tsx';
import { alertTexts } from './texts.ts';

const refresh = { refresh: ['alerts.rules', 'alerts.starterRules'] } as const;

/** One rule: what it looks for, where and when. It can be tried on what is stored before it is saved. */
export function RuleForm({ rule, onClose }: { rule: AlertRule | null; onClose: () => void }) {
  const t = useTexts(alertTexts);
  const tUi = useTexts(uiTexts);
  const add = useChange('alerts.addRule', refresh);
  const update = useChange('alerts.updateRule', refresh);
  const [typed, setTyped] = useState(() => typedRule(rule));
  const type = (part: Partial<TypedRule>) => setTyped((now) => ({ ...now, ...part }));
  const draft = draftOf(typed);
  const faultOf = usePatternFault();
  const [refused, setRefused] = useState<{ pattern: string; error: OmError } | null>(null);
  const onRefused = (error: OmError) => setRefused({ pattern: typed.pattern, error });
  // What was said of another pattern is not true of this one.
  const fault = refused?.pattern === typed.pattern ? faultOf(refused.error) : null;
  const error = add.error ?? update.error;
  function save(): void {
    if (draft === null) return;
    if (rule === null) add.mutate({ rule: draft }, { onSuccess: onClose, onError: onRefused });
    else update.mutate({ id: rule.id, rule: draft }, { onSuccess: onClose, onError: onRefused });
  }
  return (
    <FormDialog
      wide
      title={rule === null ? t('addRule') : t('ruleTitle', { name: safeText(rule.name) })}
      submit={rule === null ? t('addRule') : t('save')}
      disabled={draft === null}
      busy={add.isPending || update.isPending}
      error={faultOf(error) === null ? error : null}
      onSubmit={save}
      onClose={onClose}
    >
      <div className={css.row}>
        <TextInput
          className={css.grow ?? ''}
          label={t('name')}
          data-autofocus
          maxLength={100}
          value={typed.name}
          onChange={(event) => type({ name: event.currentTarget.value })}
        />
        <SegmentedControl
          aria-label={t('severity')}
          data={alertSeverities.map((value) => ({ value, label: tUi(value) }))}
          value={typed.severity}
          onChange={(value) => type({ severity: alertSeverities.find((one) => one === value) ?? typed.severity })}
        />
      </div>
      <Textarea
        label={t('pattern')}
        description={t('patternHint')}
        error={fault}
        classNames={{ input: layout.mono ?? '' }}
        autosize
        minRows={2}
        maxRows={6}
        maxLength={1000}
        spellCheck={false}
        value={typed.pattern}
        onChange={(event) => type({ pattern: event.currentTarget.value })}
      />
      <Checkbox
        label={t('ignoreCase')}
        checked={typed.ignoreCase}
        onChange={(event) => type({ ignoreCase: event.currentTarget.checked })}
      />
      <TryRule draft={draftOf(typed, typed.name.trim() || 'a test')} onRefused={onRefused} />
      <TagsInput
        label={t('users')}
        description={t('usersHint')}
        value={[...typed.users]}
        onChange={(users) => type({ users })}
      />
      <TextInput
        label={t('servers')}
        description={t('serversHint')}
        classNames={{ input: layout.mono ?? '' }}
        maxLength={4000}
        value={typed.servers}
        onChange={(event) => type({ servers: event.currentTarget.value })}
      />
      <TagsInput
        label={t('environments')}
        description={t('environmentsHint')}
        value={[...typed.environments]}
        onChange={(environments) => type({ environments })}
      />
      <Checkbox
        label={t('window')}
        checked={typed.timed}
        onChange={(event) => type({ timed: event.currentTarget.checked })}
      />
      {typed.timed && <Times {...{ typed, type }} />}
      <NumberInput
        label={t('cooldown')}
        description={t('cooldownHint')}
        min={0}
        max={86_400}
        allowDecimal={false}
        value={typed.cooldown ?? ''}
        onChange={(value) => type({ cooldown: typeof value === 'number' ? value : null })}
      />
      <Checkbox
        label={t('enabled')}
        checked={typed.enabled}
        onChange={(event) => type({ enabled: event.currentTarget.checked })}
      />
    </FormDialog>
  );
}

function Times({ typed, type }: { typed: TypedRule; type: (part: Partial<TypedRule>) => void }) {
  const t = useTexts(alertTexts);
  const days = ['1', '2', '3', '4', '5', '6', '7'] as const;
  return (
    <>
      <fieldset>
        <legend>{t('days')}</legend>
        <Chip.Group multiple value={[...typed.days]} onChange={(chosen) => type({ days: chosen })}>
          <div className={css.row}>
            {days.map((day) => (
              <Chip key={day} value={day} size="xs">
                {t(`day_${day}`)}
              </Chip>
            ))}
          </div>
        </Chip.Group>
      </fieldset>
      <div className={css.row}>
        {(['from', 'to'] as const).map((name) => (
          <TextInput
            key={name}
            type="time"
            label={t(name)}
            value={typed[name]}
            onChange={(event) => type({ [name]: event.currentTarget.value })}
          />
        ))}
        <TextInput
          className={css.grow ?? ''}
          label={t('timeZone')}
          placeholder="Asia/Shanghai"
          maxLength={60}
          value={typed.timeZone}
          onChange={(event) => type({ timeZone: event.currentTarget.value })}
        />
      </div>
    </>
  );
}
