import { Button, Menu } from '@mantine/core';
import { readAs as encodings } from '@omanager/contract';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import { useKeys } from '../../../app/commands.ts';
import { withKey } from '../../../app/KeyHint.tsx';
import { useTexts } from '../../../i18n/useTexts.ts';
import { logTexts } from './texts.ts';
import type { LogView } from './useLogView.ts';

const icon = { size: 16, stroke: 1.5, 'aria-hidden': true } as const;
const names = {
  ...{ 'utf-8': 'UTF-8', gb18030: 'GB18030 / GBK', big5: 'Big5', shift_jis: 'Shift_JIS', 'euc-kr': 'EUC-KR' },
  'windows-1252': 'Windows-1252',
} as const;

/** How lines are shown: wrapped, with their times, read in which encoding. */
export function ViewTools({ view, found }: { view: LogView; found: string | null }) {
  const t = useTexts(logTexts);
  useKeys({ wrap: view.toggleWrap, timestamps: view.toggleTimes });
  const auto = found === 'gb18030' ? `${t('autoEncoding')} · GB18030` : t('autoEncoding');
  const nameOf = (encoding: (typeof encodings)[number]) => (encoding === 'auto' ? t('autoEncoding') : names[encoding]);
  return (
    <>
      <Button size="xs" aria-pressed={view.wrap} title={withKey(t('wrap'), 'wrap')} onClick={view.toggleWrap}>
        {t('wrap')}
      </Button>
      <Button
        size="xs"
        aria-pressed={view.times}
        title={withKey(t('timesWhy'), 'timestamps')}
        onClick={view.toggleTimes}
      >
        {t('times')}
      </Button>
      <Menu>
        <Menu.Target>
          <Button
            {...{ size: 'xs', title: t('encodingWhy'), rightSection: <IconChevronDown {...icon} /> }}
            aria-label={`${t('encoding')}: ${nameOf(view.readAs)}`}
          >
            {view.readAs === 'auto' ? auto : names[view.readAs]}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t('encodingLabel')}</Menu.Label>
          {encodings
            .toSorted((a, b) => Number(b === 'auto') - Number(a === 'auto'))
            .map((encoding) => (
              <Menu.Item
                key={encoding}
                onClick={() => view.readIn(encoding)}
                rightSection={encoding === view.readAs && <IconCheck {...icon} />}
              >
                {encoding === 'auto' ? t('autoEncodingLong') : names[encoding]}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
