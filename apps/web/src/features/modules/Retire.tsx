import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useChange } from '../../data/calls.ts';
import { useTexts } from '../../i18n/useTexts.ts';
import { ChangeButton } from '../../ui/ChangeButton.tsx';
import { ErrorNote } from '../../ui/ErrorNote.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { moduleTexts } from './texts.ts';

const refresh = ['modules.list', 'modules.get'] as const;

/** Asks before a module is taken off offer; bringing it back is one click too, since it changes what people are offered. */
export function Retire({ id, what, onClose }: { id: string; what: 'retire' | 'restore'; onClose: () => void }) {
  const t = useTexts(moduleTexts);
  const ui = useTexts(uiTexts);
  const retire = useChange('modules.retire', { refresh });
  const restore = useChange('modules.restore', { refresh });
  const change = what === 'retire' ? retire : restore;
  return (
    <Modal opened onClose={onClose} title={what === 'retire' ? t('retireTitle', { id }) : `${t('restore')} ${id}`}>
      <Stack gap="md">
        {what === 'retire' && <Text>{t('retireWhy')}</Text>}
        {change.error && <ErrorNote error={change.error} />}
        <Group justify="flex-end" gap="sm">
          <Button onClick={onClose}>{ui('cancel')}</Button>
          <ChangeButton
            variant="filled"
            {...(what === 'retire' ? { color: 'red' } : {})}
            loading={change.isPending}
            onClick={() => change.mutate({ module: id }, { onSuccess: onClose })}
          >
            {t(what)}
          </ChangeButton>
        </Group>
      </Stack>
    </Modal>
  );
}
