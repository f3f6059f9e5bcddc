import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core';
import type { ModuleCheck } from '@omanager/contract';
import { useState } from 'react';
import { Link } from 'wouter';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { safeText } from '../../ui/safeText.ts';
import { uiTexts } from '../../ui/texts.ts';
import css from './Detail.module.css';
import { moduleTexts } from './texts.ts';

interface Props {
  module: NonNullable<ModuleCheck['module']>;
  manifest: string;
  /** The version the author began from. */
  base: string | null;
  onClose: () => void;
  onSaved: () => void;
}

/** Asks what is new, and saves the text as a version that never changes. */
export function SaveDialog({ module: { id, version }, manifest, base, onClose, onSaved }: Props) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const [comment, setComment] = useState('');
  const save = useChange('modules.save', { refresh: ['modules.list', 'modules.get', 'modules.versions'] });
  const latest = save.error?.code === 'CONFLICT' ? save.error.details?.latest : undefined;
  return (
    <Modal opened onClose={onClose} title={t('saveAs', { id: safeText(id), version: safeText(version) })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate({ manifest, comment, base }, { onSuccess: onSaved });
        }}
      >
        <Stack gap="md">
          <Text>{t('saveWhy')}</Text>
          <Textarea
            data-autofocus
            required
            label={t('comment')}
            description={t('commentHint')}
            maxLength={500}
            minRows={2}
            autosize
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          {save.error && <ErrorNote error={save.error} />}
          {typeof latest === 'string' && (
            <Text>
              {t('savedMeanwhile', { version: safeText(latest) })}{' '}
              <Link href={`/modules/${encodeURIComponent(id)}`} className={css.link}>
                {t('showVersions')}
              </Link>
            </Text>
          )}
          <Group justify="flex-end" gap="sm">
            <Button onClick={onClose}>{ui('cancel')}</Button>
            <ChangeButton type="submit" variant="filled" loading={save.isPending} disabled={comment.trim() === ''}>
              {t('saveAs', { id: safeText(id), version: safeText(version) })}
            </ChangeButton>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
