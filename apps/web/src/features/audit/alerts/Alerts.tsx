import { Link, useRoute } from 'wouter';
import { useTexts } from '../../../i18n/useTexts.ts';
import layout from '../../../ui/layout.module.css';
import { AlertList } from './AlertList.tsx';
import css from './Alerts.module.css';
import { Rules } from './Rules.tsx';
import { Targets } from './Targets.tsx';
import { alertTexts } from './texts.ts';

const sections = [
  { name: 'title', path: '/audit/alerts', view: AlertList },
  { name: 'rules', path: '/audit/alerts/rules', view: Rules },
  { name: 'targets', path: '/audit/alerts/targets', view: Targets },
] as const;

/** What rules found among commands, the rules themselves, and who else is told. */
export default function Alerts() {
  const t = useTexts(alertTexts);
  const [, params] = useRoute('/audit/alerts/:part?');
  const shown = sections.find(({ path }) => path === `/audit/alerts/${params?.part}`) ?? sections[0];
  return (
    <>
      <div className={layout.bar}>
        <h1 className={css.title}>{t(shown.name)}</h1>
        <span className={layout.push} />
        <nav className={css.sections} aria-label={t('sections')}>
          {sections.map(({ name, path }) => (
            <Link key={name} href={path} aria-current={name === shown.name ? 'page' : undefined}>
              {t(name)}
            </Link>
          ))}
        </nav>
      </div>
      <shown.view />
    </>
  );
}
