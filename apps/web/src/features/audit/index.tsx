import { Link, useRoute } from 'wouter';
import { useTab } from '../../app/tabs.ts';
import { titleOf, useTexts } from '../../i18n/useTexts.ts';
import layout from '../../ui/layout.module.css';
import tabsCss from '../../ui/tabs.module.css';
import { Actions } from './Actions.tsx';
import { Integrity } from './integrity/Integrity.tsx';
import { auditTexts } from './texts.ts';

const sections = [
  { name: 'actions', path: '/audit' },
  { name: 'integrity', path: '/audit/integrity' },
] as const;

/** What operators did, and whether the record of it is as it was written. */
export default function Page() {
  const t = useTexts(auditTexts);
  const [isIntegrity] = useRoute('/audit/integrity');
  const shown = isIntegrity ? 'integrity' : 'actions';
  useTab('/audit', titleOf(auditTexts, 'title'));
  const View = isIntegrity ? Integrity : Actions;
  return (
    <div className={`${layout.column} ${layout.grow}`}>
      <nav className={tabsCss.strip} aria-label={t('title')}>
        {sections.map(({ name, path }) => (
          <Link key={name} href={path} aria-current={name === shown ? 'page' : undefined}>
            {t(name)}
          </Link>
        ))}
      </nav>
      <View />
    </div>
  );
}
