import { useTab } from '../../app/tabs.ts';
import { appTexts } from '../../app/texts.ts';
import { useTexts } from '../../i18n/useTexts.ts';

export default function Page() {
  const t = useTexts(appTexts);
  useTab('/run', t('run'));
  return <h1>{t('run')}</h1>;
}
