import { defineTexts } from '../i18n/i18n.ts';
import { useTexts } from '../i18n/useTexts.ts';
import { useBlock } from './blocked.ts';

const blockTexts = defineTexts('block', {
  en: {
    readOnly: 'The read-only lock of this window is on (see the status bar)',
    away: 'There is no connection to OMServer; it goes on when there is one again',
  },
  zh: {
    readOnly: '此窗口的只读锁定已开启（见状态栏）',
    away: '与 OMServer 的连接已中断，恢复后可继续',
  },
});

/** Why nothing can be started or changed now, in words beside the control; null when it can. */
export function useBlockWords(): string | null {
  const t = useTexts(blockTexts);
  const block = useBlock();
  return block === null ? null : t(block);
}
