import { Button, Drawer } from '@mantine/core';
import { IconCheck, IconListCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/useTexts.ts';
import { EnvironmentChip } from '../../ui/EnvironmentChip.tsx';
import layout from '../../ui/layout.module.css';
import { uiTexts } from '../../ui/texts.ts';
import css from './Composer.module.css';
import { composerTexts } from './texts.ts';
import type { PlanState } from './usePlan.ts';

interface Props {
  opened: boolean;
  onOpen: () => void;
  onClose: () => void;
  state: PlanState;
  waitsFor: string | null;
  children: ReactNode;
}

/** Where there is no room for the review beside the form: a bar that says the least of it, and a sheet with all. */
export function ReviewSheet({ opened, onOpen, onClose, state: { plan, current }, waitsFor, children }: Props) {
  const t = useTexts(composerTexts);
  const tUi = useTexts(uiTexts);
  return (
    <>
      <div className={css.reviewBar}>
        {waitsFor === null && plan ? (
          <>
            <b>{tUi('servers', { count: plan.total })}</b>
            {Object.keys(plan.environments).map((name) => (
              <EnvironmentChip key={name} environment={name} />
            ))}
            {current && (
              <span className={css.current}>
                <IconCheck size={14} stroke={1.5} aria-hidden="true" />
                {t('planCurrent')}
              </span>
            )}
          </>
        ) : (
          <span className={`${css.waits} ${layout.cut}`}>{waitsFor ?? t('planning')}</span>
        )}
        <Button
          variant="filled"
          size="md"
          className={layout.push ?? ''}
          leftSection={<IconListCheck size={16} stroke={1.5} aria-hidden="true" />}
          onClick={onOpen}
        >
          {t('openReview')}
        </Button>
      </div>
      <Drawer
        {...{ opened, onClose, position: 'right', size: 420, withCloseButton: false, padding: 0 }}
        classNames={{ body: css.sheetBody ?? '' }}
        title={null}
        attributes={{ content: { 'aria-label': t('review') } }}
      >
        {children}
        <Button className={css.sheetClose ?? ''} onClick={onClose}>
          {tUi('close')}
        </Button>
      </Drawer>
    </>
  );
}
