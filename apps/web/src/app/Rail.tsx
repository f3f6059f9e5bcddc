import { Link, useLocation } from 'wouter';
import { useMay } from '../data/session.tsx';
import { useTexts } from '../i18n/useTexts.ts';
import { railPages } from './pages.tsx';
import css from './Rail.module.css';
import { appTexts } from './texts.ts';

export function Rail() {
  const t = useTexts(appTexts);
  const may = useMay();
  const [location] = useLocation();
  return (
    <nav className={css.rail} aria-label={t('navigation')}>
      {railPages
        .filter(({ permission }) => may(permission))
        .map(({ name, path, icon: Icon }) => (
          <Link
            key={name}
            href={path}
            className={css.entry}
            data-page={name}
            aria-current={location.split('/')[1] === path.slice(1) ? 'page' : undefined}
          >
            <Icon size={18} stroke={1.35} aria-hidden="true" />
            {t(name)}
          </Link>
        ))}
    </nav>
  );
}
