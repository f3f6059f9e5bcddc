import { ActionIcon, Menu } from '@mantine/core';
import type { FileEntry } from '@omanager/contract';
import { IconDots, IconDownload, IconEye, IconPencil, IconShieldLock, IconTrash } from '@tabler/icons-react';
import { useTexts } from '../../i18n/useTexts.ts';
import { safeText } from '../../ui/safeText.ts';
import type { Asked } from './FileDialog.tsx';
import { isFile } from './rows.ts';
import { fileTexts } from './texts.ts';

const icon = { size: 16, stroke: 1.5 };

interface MenuProps {
  entry: FileEntry;
  path: string;
  changeable: boolean;
  onAsk: (asked: Asked) => void;
  onDownload: () => void;
}

/** All that can be done with one name. */
export function FileMenu({ entry, path, changeable, onAsk, onDownload }: MenuProps) {
  const t = useTexts(fileTexts);
  const name = safeText(entry.name);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it keeps what happens in the menu from its row
    // biome-ignore lint/a11y/useKeyWithClickEvents: the same
    <div onClick={(event) => event.stopPropagation()}>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon aria-label={t('actions', { name })}>
            <IconDots {...icon} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {isFile(entry) && (
            <>
              <Menu.Item leftSection={<IconEye {...icon} />} onClick={() => onAsk({ kind: 'preview', path })}>
                {t('preview')}
              </Menu.Item>
              <Menu.Item leftSection={<IconDownload {...icon} />} onClick={onDownload}>
                {t('download')}
              </Menu.Item>
            </>
          )}
          <Menu.Item
            disabled={!changeable}
            leftSection={<IconPencil {...icon} />}
            onClick={() => onAsk({ kind: 'rename', path })}
          >
            {t('rename')}
          </Menu.Item>
          {entry.kind !== 'symlink' && (
            <Menu.Item
              disabled={!changeable}
              leftSection={<IconShieldLock {...icon} />}
              onClick={() => onAsk({ kind: 'setMode', path, mode: entry.mode })}
            >
              {t('setMode')}
            </Menu.Item>
          )}
          <Menu.Item
            disabled={!changeable}
            color="red"
            leftSection={<IconTrash {...icon} />}
            onClick={() => onAsk({ kind: 'remove', path, folder: entry.kind === 'directory' })}
          >
            {t('remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
