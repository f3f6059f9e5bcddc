import { useTab } from '../../app/tabs.ts';
import { appTexts } from '../../app/texts.ts';
import { useTexts } from '../../i18n/useTexts.ts';

export default function Page() {
  const t = useTexts(appTexts);
  useTab('/runs', t('runs'));
  return <h1>{t('runs')}</h1>;
}
